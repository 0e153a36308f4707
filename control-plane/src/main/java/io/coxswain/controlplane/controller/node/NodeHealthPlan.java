package io.coxswain.controlplane.controller.node;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeCondition;
import io.coxswain.client.codec.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a node's silence or its own word means.
///
/// @param node as it should be: conditions and taints
/// @param takePodsOut whether its pods are to be marked not ready, so that Services leave them
/// @param lookAgain when silence, or being not ready, has lasted too long
record NodeHealthPlan(Node node, boolean takePodsOut, Optional<Duration> lookAgain) {

  private static final List<String> REPORTED =
      List.of("Ready", "MemoryPressure", "DiskPressure", "PIDPressure");

  /// @param heardAt when the node last gave a sign of life, by the control plane's clock
  /// @param keepPods whether it may be the control plane that does not hear, or no node is well:
  ///   then pods stay where they are
  /// @param grace how long silence is no sign
  /// @param notReadyGrace how long a node may itself say that it is not ready and keep its pods
  record Snapshot(
      Node node,
      Instant heardAt,
      boolean keepPods,
      Duration grace,
      Duration notReadyGrace,
      Instant now) {

    boolean isLost() {
      return !now.isBefore(heardAt.plus(grace));
    }

    /// When the node, saying since then that it is not ready, loses its pods.
    Optional<Instant> givenUpAt() {
      return NodeTaints.condition(node, "Ready")
          .filter(c -> c.getStatus().equals("False"))
          .map(c -> Times.instant(c.getLastTransitionTime()).plus(notReadyGrace));
    }

    boolean isGivenUp() {
      return givenUpAt().filter(at -> !at.isAfter(now)).isPresent();
    }
  }

  static NodeHealthPlan of(Snapshot snapshot) {
    boolean lost = snapshot.isLost();
    Node judged = lost ? unknown(snapshot.node(), snapshot.now()) : snapshot.node();
    boolean evict = (lost || snapshot.isGivenUp()) && !snapshot.keepPods();
    Node.Builder planned = judged.toBuilder();
    planned
        .getSpecBuilder()
        .clearTaints()
        .addAllTaints(NodeTaints.of(judged, evict, snapshot.now()));
    return new NodeHealthPlan(planned.build(), lost && !snapshot.keepPods(), lookAgain(snapshot));
  }

  private static Optional<Duration> lookAgain(Snapshot snapshot) {
    Optional<Instant> lostAt =
        snapshot.isLost()
            ? Optional.empty()
            : Optional.of(snapshot.heardAt().plus(snapshot.grace()));
    Optional<Instant> givenUpAt = snapshot.givenUpAt().filter(at -> at.isAfter(snapshot.now()));
    return java.util.stream.Stream.concat(lostAt.stream(), givenUpAt.stream())
        .min(Instant::compareTo)
        .map(at -> Duration.between(snapshot.now(), at));
  }

  private static Node unknown(Node node, Instant now) {
    Node.Builder marked = node.toBuilder();
    for (String type : REPORTED) {
      Optional<NodeCondition> before = NodeTaints.condition(node, type);
      if (before.filter(c -> c.getStatus().equals("Unknown")).isPresent()) {
        continue;
      }
      NodeCondition after =
          before.orElse(NodeCondition.getDefaultInstance()).toBuilder()
              .setType(type)
              .setStatus("Unknown")
              .setReason("NodeStatusUnknown")
              .setMessage("the node has stopped reporting")
              .setLastTransitionTime(Times.time(now))
              .build();
      before.ifPresentOrElse(
          c ->
              marked
                  .getStatusBuilder()
                  .setConditions(node.getStatus().getConditionsList().indexOf(c), after),
          () -> marked.getStatusBuilder().addConditions(after));
    }
    return marked.build();
  }
}
