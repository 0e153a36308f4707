package io.coxswain.controlplane.controller.disruption;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.policy.v1.PodDisruptionBudget;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// What a budget is computed from.
///
/// @param pods those that the budget selects
/// @param replicas how many pods each workload wants that controls one of them, by the uid of the
///   pods' controller; a controller that is not known is not in it
/// @param workloads which controllers are of one workload, as the ReplicaSets of a Deployment: its
///   uid by theirs
record DisruptionSnapshot(
    PodDisruptionBudget budget,
    List<Pod> pods,
    Map<String, Integer> replicas,
    Map<String, String> workloads,
    Instant now) {
  DisruptionSnapshot {
    pods = List.copyOf(pods);
    replicas = Map.copyOf(replicas);
    workloads = Map.copyOf(workloads);
  }
}
