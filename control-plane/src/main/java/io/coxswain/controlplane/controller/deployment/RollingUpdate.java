package io.coxswain.controlplane.controller.deployment;

import io.coxswain.api.apps.v1.ReplicaSet;

/// One step of a rolling update: the new set grows into the room that surge leaves, the old ones
/// shrink by what availability allows.
final class RollingUpdate {

  private RollingUpdate() {}

  static void apply(Rollout rollout) {
    rollout.current().ifPresent(current -> resizeCurrent(rollout, current));
    if (Rollout.sum(rollout.old()) > 0) {
      shrinkOld(rollout);
    }
  }

  /// How large the new set may be now.
  static int roomForCurrent(Rollout rollout, int size) {
    if (!rollout.oldSettled()) {
      return size;
    }
    Bounds bounds = rollout.bounds();
    int room = bounds.most() - rollout.occupied();
    return size + Math.clamp(room, 0, Math.max(0, bounds.replicas() - size));
  }

  private static void resizeCurrent(Rollout rollout, ReplicaSet current) {
    int size = Rollout.size(current);
    int replicas = rollout.bounds().replicas();
    int wanted = size > replicas ? replicas : roomForCurrent(rollout, size);
    if (wanted != size) {
      rollout.scale(current, wanted);
    }
  }

  private static void shrinkOld(Rollout rollout) {
    int fewest = rollout.bounds().fewestAvailable();
    int currentUnavailable =
        rollout.current().map(set -> Rollout.size(set) - rollout.available(set)).orElse(0);
    int spare = rollout.planned() - fewest - currentUnavailable;
    if (spare <= 0) {
      return;
    }
    dropUnavailable(rollout, spare);
    int available = rollout.all().stream().mapToInt(rollout::available).sum();
    dropAvailable(rollout, available - fewest);
  }

  // Old pods that serve nobody go first: a broken version must not hold its successor up.
  private static void dropUnavailable(Rollout rollout, int most) {
    int left = most;
    for (ReplicaSet set : rollout.old()) {
      int drop = Math.min(left, rollout.unavailable(set));
      if (drop > 0) {
        rollout.scale(set, Rollout.size(set) - drop);
        left -= drop;
      }
    }
  }

  private static void dropAvailable(Rollout rollout, int most) {
    int left = most;
    for (ReplicaSet set : rollout.old()) {
      int drop = Math.min(left, Rollout.size(set));
      if (drop > 0) {
        rollout.scale(set, Rollout.size(set) - drop);
        left -= drop;
      }
    }
  }
}
