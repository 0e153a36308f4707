package io.coxswain.controlplane.controller.replicaset;

import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.controlplane.controller.framework.Ownership;
import io.coxswain.controlplane.controller.framework.PodFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What to do next for a ReplicaSet.
///
/// @param adopt pods that it selects and nobody controls
/// @param release pods that it controls and no longer selects
/// @param create how many new pods
/// @param delete which pods are too many, the least missed first
/// @param replicas its active pods, those to adopt included: what its status counts
/// @param terminating its pods that were asked to end and have not
/// @param lookAgain when a ready pod becomes available by nothing but time
record ReplicaSetPlan(
    List<Pod> adopt,
    List<Pod> release,
    int create,
    List<Pod> delete,
    List<Pod> replicas,
    int terminating,
    Optional<Duration> lookAgain) {

  /// Pods created or deleted in one pass at most: the next pass goes on.
  static final int BURST = 500;

  ReplicaSetPlan {
    adopt = List.copyOf(adopt);
    release = List.copyOf(release);
    delete = List.copyOf(delete);
    replicas = List.copyOf(replicas);
  }

  static ReplicaSetPlan of(ReplicaSetSnapshot snapshot) {
    ReplicaSet set = snapshot.set();
    List<Pod> adopt = new ArrayList<>();
    List<Pod> release = new ArrayList<>();
    List<Pod> replicas = new ArrayList<>();
    int terminating = 0;
    for (Pod pod : snapshot.pods()) {
      switch (Ownership.of(set.getMetadata(), set.getSpec().getSelector(), pod.getMetadata())) {
        case OWNED -> {
          if (PodFacts.isActive(pod)) {
            replicas.add(pod);
          } else if (!PodFacts.isFinished(pod)) {
            terminating++;
          }
        }
        case ORPHAN -> {
          if (PodFacts.isActive(pod)) {
            adopt.add(pod);
            replicas.add(pod);
          }
        }
        case STRAY -> release.add(pod);
        case FOREIGN -> {}
      }
    }
    int missing = set.getSpec().getReplicas() - replicas.size();
    // A set that is going creates and deletes nothing: its pods are the garbage collector's.
    boolean going = set.getMetadata().hasDeletionTimestamp();
    return new ReplicaSetPlan(
        adopt,
        release,
        going ? 0 : Math.clamp(missing, 0, BURST),
        going ? List.of() : surplus(replicas, Math.clamp(-missing, 0, BURST), snapshot),
        replicas,
        terminating,
        untilNextAvailable(replicas, set.getSpec().getMinReadySeconds(), snapshot.now()));
  }

  private static List<Pod> surplus(List<Pod> replicas, int count, ReplicaSetSnapshot snapshot) {
    if (count == 0) {
      return List.of();
    }
    return replicas.stream()
        .sorted(DeletionOrder.given(snapshot.relatedByNode()))
        .limit(count)
        .toList();
  }

  private static Optional<Duration> untilNextAvailable(
      List<Pod> replicas, int minReadySeconds, Instant now) {
    if (minReadySeconds <= 0) {
      return Optional.empty();
    }
    return replicas.stream()
        .flatMap(pod -> PodFacts.availableFrom(pod, minReadySeconds).stream())
        .filter(from -> from.isAfter(now))
        .min(Instant::compareTo)
        .map(from -> Duration.between(now, from));
  }
}
