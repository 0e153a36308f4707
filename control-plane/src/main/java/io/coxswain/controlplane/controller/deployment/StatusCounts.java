package io.coxswain.controlplane.controller.deployment;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.DeploymentStatus;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.ReplicaSetStatus;
import java.util.List;
import java.util.function.ToIntFunction;

/// The numbers in a Deployment's status, from what its sets report.
final class StatusCounts {

  private StatusCounts() {}

  /// The status with fresh numbers and the conditions that it had.
  static DeploymentStatus of(Rollout rollout) {
    Deployment deployment = rollout.deployment();
    List<ReplicaSet> sets = rollout.observed();
    int available = sum(sets, ReplicaSetStatus::getAvailableReplicas);
    int updated =
        sets.stream()
            .filter(rollout::isCurrent)
            .mapToInt(set -> set.getStatus().getReplicas())
            .sum();
    return deployment.getStatus().toBuilder()
        .setObservedGeneration(deployment.getMetadata().getGeneration())
        .setReplicas(sum(sets, ReplicaSetStatus::getReplicas))
        .setUpdatedReplicas(updated)
        .setReadyReplicas(sum(sets, ReplicaSetStatus::getReadyReplicas))
        .setAvailableReplicas(available)
        .setUnavailableReplicas(Math.max(0, rollout.planned() - available))
        .setTerminatingReplicas(sum(sets, ReplicaSetStatus::getTerminatingReplicas))
        .build();
  }

  /// The whole size runs the current template, is available, and nothing else is left.
  static boolean isComplete(Rollout rollout) {
    return isComplete(rollout.deployment(), of(rollout));
  }

  static boolean isComplete(Deployment deployment, DeploymentStatus status) {
    int replicas = deployment.getSpec().getReplicas();
    return status.getUpdatedReplicas() == replicas
        && status.getReplicas() == replicas
        && status.getAvailableReplicas() == replicas
        && status.getObservedGeneration() >= deployment.getMetadata().getGeneration();
  }

  private static int sum(List<ReplicaSet> sets, ToIntFunction<ReplicaSetStatus> count) {
    return sets.stream().mapToInt(set -> count.applyAsInt(set.getStatus())).sum();
  }
}
