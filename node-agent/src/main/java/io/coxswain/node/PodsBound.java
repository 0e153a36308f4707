package io.coxswain.node;

import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.runtime.PodResources;
import io.coxswain.node.status.NodeResources;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives the control group of all pods what they may have together, so that what they take too much
/// is taken from them, and not from the machine. Where they have more already, the kernel refuses:
/// then pods are evicted, and it is tried again.
final class PodsBound implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PodsBound.class);
  private static final Duration AGAIN = Duration.ofMinutes(1);

  private final String node;
  private final String group;
  private final NodeResources resources;
  private final boolean enforced;
  private final ControlGroups controlGroups;
  private final EventRecorder events;
  private final TaskScope tasks = new TaskScope("pods-bound");

  /// @param group of all pods
  /// @param enforced whether they get no more than what is not reserved
  PodsBound(
      String node,
      String group,
      NodeResources resources,
      boolean enforced,
      ControlGroups controlGroups,
      EventRecorder events) {
    this.node = node;
    this.group = group;
    this.resources = resources;
    this.enforced = enforced;
    this.controlGroups = controlGroups;
    this.events = events;
  }

  void start() {
    if (!bounded()) {
      tasks.fork(
          "again",
          () -> {
            do {
              Thread.sleep(AGAIN);
            } while (!bounded());
          });
    }
  }

  private boolean bounded() {
    try {
      controlGroups.create(
          group,
          new ControlGroups.Limits(
              PodResources.shares(amount(resources.cpu())),
              -1,
              amount(resources.memory()),
              amount(resources.processes())));
      events.normal(
          reference(), "NodeAllocatableEnforced", "Updated Node Allocatable limit across pods");
      return true;
    } catch (IOException e) {
      log.warn("what pods may have together is not bounded yet", e);
      events.warning(
          reference(),
          "FailedNodeAllocatableEnforcement",
          "Failed to update Node Allocatable Limits \"%s\": %s".formatted(group, e.getMessage()));
      return false;
    }
  }

  private long amount(NodeResources.Amount one) {
    return enforced ? one.bound() : one.capacity();
  }

  private ObjectReference reference() {
    return ObjectReference.newBuilder()
        .setApiVersion("v1")
        .setKind("Node")
        .setName(node)
        .setUid(node)
        .build();
  }

  @Override
  public void close() {
    tasks.close();
  }
}
