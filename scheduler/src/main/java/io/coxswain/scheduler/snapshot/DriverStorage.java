package io.coxswain.scheduler.snapshot;

import io.coxswain.api.storage.v1.CSIDriver;
import io.coxswain.api.storage.v1.CSINode;
import io.coxswain.api.storage.v1.CSIStorageCapacity;
import io.coxswain.api.storage.v1.VolumeAttachment;
import io.coxswain.client.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// What is known of storage drivers at one moment. Immutable.
///
/// @param drivers by name
/// @param nodes which drivers a node has, by the node's name
/// @param capacities what drivers say they still have
/// @param attachments by name
public record DriverStorage(
    Map<String, CSIDriver> drivers,
    Map<String, CSINode> nodes,
    Map<ObjectKey, CSIStorageCapacity> capacities,
    Map<String, VolumeAttachment> attachments) {

  public static final DriverStorage NONE =
      new DriverStorage(Map.of(), Map.of(), Map.of(), Map.of());

  public DriverStorage {
    drivers = Map.copyOf(drivers);
    nodes = Map.copyOf(nodes);
    capacities = Map.copyOf(capacities);
    attachments = Map.copyOf(attachments);
  }

  /// Whether the driver tells how much it has left, so that who asks for more need not try.
  public boolean tellsCapacity(String driver) {
    CSIDriver about = drivers.get(driver);
    return about != null && about.getSpec().getStorageCapacity();
  }

  /// How many of the driver's volumes a node takes; empty when it does not say.
  public OptionalInt most(String node, String driver) {
    CSINode has = nodes.getOrDefault(node, CSINode.getDefaultInstance());
    return has.getSpec().getDriversList().stream()
        .filter(one -> one.getName().equals(driver) && one.getAllocatable().hasCount())
        .mapToInt(one -> one.getAllocatable().getCount())
        .findFirst();
  }

  /// Names of persistent volumes that are, or are to be, attached to a node.
  public List<String> attached(String node) {
    return attachments.values().stream()
        .filter(one -> one.getSpec().getNodeName().equals(node))
        .map(one -> one.getSpec().getSource().getPersistentVolumeName())
        .toList();
  }
}
