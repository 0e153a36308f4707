package io.coxswain.controlplane.controller.deployment;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/// What a Deployment's next step depends on.
///
/// @param sets of its namespace: at least those that it controls and those that nobody controls
/// @param setsWithPods uids of sets that have pods which have not ended, those asked to included
record DeploymentSnapshot(
    Deployment deployment, List<ReplicaSet> sets, Set<String> setsWithPods, Instant now) {

  DeploymentSnapshot {
    sets = List.copyOf(sets);
    setsWithPods = Set.copyOf(setsWithPods);
  }
}
