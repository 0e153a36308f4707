package io.coxswain.node.status;

import io.coxswain.api.coordination.v1.Lease;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeStatus;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiException;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.Times;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.device.DeviceCount;
import io.coxswain.node.host.Machine;
import io.coxswain.node.image.PulledImage;
import io.coxswain.node.pressure.NodePressure;
import io.coxswain.node.runtime.RuntimeHandler;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Registers the node, and then says that it lives.
///
/// Writes the Node's labels (its own), `status` but others' conditions, and the Lease
/// `kube-node-lease/NAME`. Never `spec` after registration.
public final class NodeHeartbeat implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(NodeHeartbeat.class);
  private static final String LEASES = "kube-node-lease";
  private static final Duration LOOK_EVERY = Duration.ofSeconds(10);
  private static final Duration LOOK_WHEN_UNREADY = Duration.ofMillis(500);

  /// What the status is made of besides the machine.
  ///
  /// @param runtime name and version of the container runtime, as `runc://1.1.5`
  /// @param handlers runtimes that RuntimeClasses may choose
  /// @param devices of vendors' plugins, by resource
  /// @param volumesInUse that must not be detached
  /// @param unready why no pod can run here; empty when they can
  /// @param pressures what the node is short of
  public record Facts(
      NodeResources resources,
      String runtime,
      List<RuntimeHandler> handlers,
      Supplier<List<PulledImage>> images,
      Supplier<Map<String, DeviceCount>> devices,
      Supplier<Set<String>> volumesInUse,
      Supplier<String> unready,
      Supplier<Set<NodePressure>> pressures) {}

  private final NodeOptions options;
  private final Machine machine;
  private final Resources<Node> nodes;
  private final Resources<Lease> leases;
  private final Facts facts;
  private final Clock clock;
  private final TaskScope tasks = new TaskScope("node-heartbeat");
  private final Semaphore looks = new Semaphore(0);
  private volatile Optional<Node> known = Optional.empty();
  private volatile boolean reached = true;

  public NodeHeartbeat(
      NodeOptions options, Machine machine, ApiClient client, Facts facts, Clock clock) {
    this.options = options;
    this.machine = machine;
    this.nodes = client.resources(Node.class);
    this.leases = client.resources(Lease.class);
    this.facts = facts;
    this.clock = clock;
  }

  /// Returns at once; an API that cannot be reached is tried again for ever.
  public void start() {
    tasks.fork("status", this::reportForEver);
    tasks.fork("lease", this::renewForEver);
  }

  /// Something that the status tells has changed: it is written soon.
  public void look() {
    looks.release();
  }

  /// Whether the API answered the last time that the status was to be written.
  public boolean isHeard() {
    return reached;
  }

  private void reportForEver() throws InterruptedException {
    Instant written = Instant.EPOCH;
    while (true) {
      boolean ready = facts.unready().get().isEmpty();
      try {
        boolean due = written.plus(options.statusEvery()).isBefore(clock.instant());
        if (report(due)) {
          written = clock.instant();
        }
        if (!reached) {
          log.info("the API is back");
        }
        reached = true;
      } catch (ApiException e) {
        if (reached) {
          log.warn("status of node {} is not written: {}", options.name(), e.getMessage());
        }
        reached = false;
      }
      Duration pause = ready && reached ? LOOK_EVERY : LOOK_WHEN_UNREADY;
      if (looks.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        int _ = looks.drainPermits();
      }
    }
  }

  /// @return whether it was written
  private boolean report(boolean due) {
    // Read, not remembered: while the node was cut off the control plane marked it as unknown.
    Optional<Node> current = nodes.find("", options.name());
    Node node = current.orElseGet(this::register);
    NodeStatus status =
        ExtendedResources.told(
                NodeReport.status(
                    options,
                    machine,
                    facts.resources(),
                    node.getStatus(),
                    facts.runtime(),
                    facts.handlers(),
                    facts.images().get(),
                    facts.unready().get(),
                    facts.pressures().get(),
                    clock.instant()),
                node.getStatus(),
                facts.devices().get())
            .toBuilder()
            .clearVolumesInUse()
            .addAllVolumesInUse(facts.volumesInUse().get())
            .build();
    if (!due && NodeReport.same(status, node.getStatus())) {
      return false;
    }
    try {
      known = Optional.of(nodes.updateStatus(labelled(node).toBuilder().setStatus(status).build()));
      return true;
    } catch (ApiException e) {
      known = Optional.empty();
      if (e.isConflict() || e.isNotFound()) {
        return false;
      }
      throw e;
    }
  }

  private Node register() {
    try {
      Node created = nodes.create(NodeReport.registration(options, machine));
      log.info("node {} is registered", options.name());
      return created;
    } catch (ApiException e) {
      if (e.isAlreadyExists()) {
        return nodes.read("", options.name());
      }
      throw e;
    }
  }

  /// A node that was registered by another version gets the labels and annotations of this one.
  private Node labelled(Node node) {
    var labels = NodeReport.labels(options, machine);
    var annotations = options.annotations();
    if (node.getMetadata().getLabelsMap().entrySet().containsAll(labels.entrySet())
        && node.getMetadata().getAnnotationsMap().entrySet().containsAll(annotations.entrySet())) {
      return node;
    }
    Node.Builder builder = node.toBuilder();
    builder.getMetadataBuilder().putAllLabels(labels).putAllAnnotations(annotations);
    return nodes.update(builder.build());
  }

  private void renewForEver() throws InterruptedException {
    Optional<Lease> held = Optional.empty();
    while (true) {
      try {
        held = Optional.of(renew(held));
        Thread.sleep(options.leaseEvery());
      } catch (ApiException e) {
        log.debug("lease of node {} is not renewed", options.name(), e);
        held = Optional.empty();
        Thread.sleep(Math.min(1000, options.leaseEvery().toMillis()));
      }
    }
  }

  private Lease renew(Optional<Lease> held) {
    Optional<Lease> current = held.isPresent() ? held : leases.find(LEASES, options.name());
    if (current.isEmpty()) {
      return leases.create(renewed(Lease.getDefaultInstance()));
    }
    return leases.update(renewed(current.get()));
  }

  private Lease renewed(Lease lease) {
    Lease.Builder builder = lease.toBuilder();
    builder.getMetadataBuilder().setName(options.name()).setNamespace(LEASES);
    known.ifPresent(node -> {
      if (builder.getMetadata().getOwnerReferencesCount() == 0) {
        builder
            .getMetadataBuilder()
            .addOwnerReferences(
                OwnerReference.newBuilder()
                    .setApiVersion("v1")
                    .setKind("Node")
                    .setName(options.name())
                    .setUid(node.getMetadata().getUid()));
      }
    });
    builder
        .getSpecBuilder()
        .setHolderIdentity(options.name())
        .setLeaseDurationSeconds((int) options.leaseDuration().toSeconds())
        .setRenewTime(Times.microTime(clock.instant()));
    return builder.build();
  }

  @Override
  public void close() {
    tasks.close();
  }
}
