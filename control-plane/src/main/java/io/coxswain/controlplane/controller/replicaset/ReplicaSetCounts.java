package io.coxswain.controlplane.controller.replicaset;

import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.ReplicaSetCondition;
import io.coxswain.api.apps.v1.ReplicaSetStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.controller.framework.LabelMatch;
import io.coxswain.controlplane.controller.framework.PodFacts;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// A ReplicaSet's status, counted from its pods.
final class ReplicaSetCounts {

  private static final String REPLICA_FAILURE = "ReplicaFailure";

  /// Why the last pass could not do all that it wanted.
  record Failure(String reason, String message) {}

  private ReplicaSetCounts() {}

  static ReplicaSetStatus status(
      ReplicaSet set, ReplicaSetPlan plan, Optional<Failure> failure, Instant now) {
    Map<String, String> template = set.getSpec().getTemplate().getMetadata().getLabelsMap();
    int minReady = set.getSpec().getMinReadySeconds();
    int labeled = 0;
    int ready = 0;
    int available = 0;
    for (Pod pod : plan.replicas()) {
      labeled += LabelMatch.containsAll(pod.getMetadata().getLabelsMap(), template) ? 1 : 0;
      ready += PodFacts.isReady(pod) ? 1 : 0;
      available += PodFacts.isAvailable(pod, minReady, now) ? 1 : 0;
    }
    ReplicaSetStatus.Builder status =
        set.getStatus().toBuilder()
            .setReplicas(plan.replicas().size())
            .setFullyLabeledReplicas(labeled)
            .setReadyReplicas(ready)
            .setAvailableReplicas(available)
            .setTerminatingReplicas(plan.terminating())
            .setObservedGeneration(set.getMetadata().getGeneration());
    setFailure(status, failure, now);
    return status.build();
  }

  private static void setFailure(
      ReplicaSetStatus.Builder status, Optional<Failure> failure, Instant now) {
    Optional<ReplicaSetCondition> before =
        status.getConditionsList().stream()
            .filter(c -> c.getType().equals(REPLICA_FAILURE))
            .findFirst();
    if (failure.isPresent()
        && before.isPresent()
        && before.get().getReason().equals(failure.get().reason())) {
      // The same failure again: its first time and message stay, so that nothing is written.
      return;
    }
    var others =
        status.getConditionsList().stream()
            .filter(c -> !c.getType().equals(REPLICA_FAILURE))
            .toList();
    status.clearConditions().addAllConditions(others);
    failure.ifPresent(f ->
        status.addConditions(
            ReplicaSetCondition.newBuilder()
                .setType(REPLICA_FAILURE)
                .setStatus("True")
                .setReason(f.reason())
                .setMessage(f.message())
                .setLastTransitionTime(Times.time(now))));
  }
}
