package io.coxswain.node.csi;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.api.storage.v1.CSINode;
import io.coxswain.api.storage.v1.CSINodeDriver;
import io.coxswain.client.ApiException;
import io.coxswain.node.plugin.PluginKind;
import io.coxswain.node.plugin.UnixSockets;
import io.coxswain.node.podsource.DriverObjects;
import io.coxswain.plugin.csi.NodeGetInfoResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The storage drivers of this node. Writes the CSINode of the node's name, whose drivers are its
/// own, and labels of the Node that say where it is, as its drivers have it. Safe for use by many
/// threads.
public final class CsiDrivers implements PluginKind, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(CsiDrivers.class);
  private static final int TRIES = 5;

  private final UnixSockets sockets;
  private final DriverObjects objects;
  private final Map<String, CsiDriver> byName = new ConcurrentHashMap<>();

  public CsiDrivers(UnixSockets sockets, DriverObjects objects) {
    this.sockets = sockets;
    this.objects = objects;
  }

  /// What is said of a driver that is not there.
  static String unknown(String name) {
    return "driver name %s not found in the list of registered CSI drivers".formatted(name);
  }

  Optional<CsiDriver> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  @Override
  public String type() {
    return "CSIPlugin";
  }

  @Override
  public void register(String name, Path endpoint, List<String> versions) throws IOException {
    if (versions.stream().noneMatch(version -> version.matches("v?1(\\..*)?"))) {
      throw new IOException(
          "none of the CSI versions reported by this driver are supported: %s; 1.x is"
              .formatted(versions));
    }
    CsiDriver driver = CsiDriver.connect(name, sockets.channel(endpoint));
    try {
      NodeGetInfoResponse info = driver.info();
      if (info.getNodeId().isEmpty()) {
        throw new IOException("its NodeGetInfo names no node id");
      }
      label(new TreeMap<>(info.getAccessibleTopology().getSegmentsMap()));
      write(name, Optional.of(entry(name, info)));
    } catch (IOException | ApiException e) {
      driver.close();
      throw new IOException(e.getMessage(), e);
    }
    CsiDriver before = byName.put(name, driver);
    if (before != null) {
      before.close();
    }
  }

  @Override
  public void deregister(String name, Path endpoint) {
    CsiDriver gone = byName.remove(name);
    if (gone != null) {
      gone.close();
    }
    try {
      write(name, Optional.empty());
    } catch (IOException | ApiException e) {
      log.warn("the API still says that this node has the driver {}: {}", name, e.getMessage());
    }
  }

  private static CSINodeDriver entry(String name, NodeGetInfoResponse info) {
    CSINodeDriver.Builder entry =
        CSINodeDriver.newBuilder()
            .setName(name)
            .setNodeID(info.getNodeId())
            .addAllTopologyKeys(
                new TreeMap<>(info.getAccessibleTopology().getSegmentsMap()).keySet());
    if (info.getMaxVolumesPerNode() > 0) {
      entry
          .getAllocatableBuilder()
          .setCount((int) Math.min(Integer.MAX_VALUE, info.getMaxVolumesPerNode()));
    }
    return entry.build();
  }

  /// A value that the node has already stays: volumes may have been made for it.
  private void label(Map<String, String> topology) throws IOException {
    for (int i = 0; !topology.isEmpty() && i < TRIES; i++) {
      Node node = objects.node();
      Map<String, String> has = node.getMetadata().getLabelsMap();
      if (has.entrySet().containsAll(topology.entrySet())) {
        return;
      }
      for (Map.Entry<String, String> one : topology.entrySet()) {
        String value = has.getOrDefault(one.getKey(), one.getValue());
        if (!value.equals(one.getValue())) {
          throw new IOException(
              "detected topology value collision: driver reported \"%s\":\"%s\" but existing label is \"%s\":\"%s\""
                  .formatted(one.getKey(), one.getValue(), one.getKey(), value));
        }
      }
      Node.Builder labelled = node.toBuilder();
      labelled.getMetadataBuilder().putAllLabels(topology);
      if (written(() -> objects.write(labelled.build()))) {
        return;
      }
    }
  }

  private void write(String name, Optional<CSINodeDriver> entry) throws IOException {
    for (int i = 0; i < TRIES; i++) {
      CSINode own = objects.csiNode().orElseGet(this::fresh);
      CSINode.Builder next = own.toBuilder();
      next.getSpecBuilder().clearDrivers();
      own.getSpec().getDriversList().stream()
          .filter(one -> !one.getName().equals(name))
          .forEach(next.getSpecBuilder()::addDrivers);
      entry.ifPresent(next.getSpecBuilder()::addDrivers);
      boolean same =
          own.getSpec().getDriversList().containsAll(next.getSpec().getDriversList())
              && next.getSpec().getDriversCount() == own.getSpec().getDriversCount();
      if (same || written(() -> objects.write(next.build()))) {
        return;
      }
    }
    throw new IOException("others write this node's CSINode all the time");
  }

  private CSINode fresh() {
    Node node = objects.node();
    CSINode.Builder made = CSINode.newBuilder();
    made.getMetadataBuilder()
        .setName(node.getMetadata().getName())
        .addOwnerReferences(
            OwnerReference.newBuilder()
                .setApiVersion("v1")
                .setKind("Node")
                .setName(node.getMetadata().getName())
                .setUid(node.getMetadata().getUid()));
    return made.build();
  }

  private static boolean written(Runnable write) {
    try {
      write.run();
      return true;
    } catch (ApiException e) {
      if (e.isConflict() || e.isAlreadyExists() || e.isNotFound()) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    byName.values().forEach(CsiDriver::close);
  }
}
