package io.coxswain.controlplane.controller.replicaset;

import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.core.v1.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// What a ReplicaSet's next step depends on.
///
/// @param pods of its namespace: at least those that it controls and those that nobody controls
/// @param relatedByNode how many active pods of the same Deployment each node runs
record ReplicaSetSnapshot(
    ReplicaSet set, List<Pod> pods, Map<String, Integer> relatedByNode, Instant now) {

  ReplicaSetSnapshot {
    pods = List.copyOf(pods);
    relatedByNode = Map.copyOf(relatedByNode);
  }
}
