package io.coxswain.controlplane.controller.deployment;

import static java.util.Comparator.comparingInt;

import io.coxswain.api.apps.v1.ReplicaSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Spreads a changed size over the sets that have pods, each by its share, so that a rollout which
/// is scaled half way neither jumps ahead nor back.
final class ProportionalScaling {

  private ProportionalScaling() {}

  /// Whether the Deployment's size changed since its sets were last given theirs.
  static boolean isDue(Rollout rollout) {
    return active(rollout).stream()
        .map(Annotations::desiredReplicas)
        .anyMatch(
            desired -> desired.isPresent() && desired.getAsInt() != rollout.bounds().replicas());
  }

  static void apply(Rollout rollout) {
    Bounds bounds = rollout.bounds();
    Optional<ReplicaSet> only = onlyActiveOrLatest(rollout);
    if (only.isPresent()) {
      if (Rollout.size(only.get()) != bounds.replicas()) {
        rollout.scale(only.get(), bounds.replicas());
      }
      return;
    }
    if (isSaturated(rollout)) {
      rollout.old().stream()
          .filter(set -> Rollout.size(set) > 0)
          .forEach(set -> rollout.scale(set, 0));
      return;
    }
    if (!Bounds.isRecreate(rollout.deployment())) {
      spread(rollout);
    }
  }

  private static void spread(Rollout rollout) {
    Bounds bounds = rollout.bounds();
    int allowed = bounds.replicas() > 0 ? bounds.most() : 0;
    int change = allowed - Rollout.sum(active(rollout));
    // What is to be added goes to the newest of the largest first, what is to go comes from the
    // oldest of them: the remainder of the division is in favour of the new.
    Comparator<ReplicaSet> largestFirst = comparingInt(Rollout::size).reversed();
    Comparator<ReplicaSet> order =
        largestFirst.thenComparing(
            change > 0 ? Rollout.OLDEST_FIRST.reversed() : Rollout.OLDEST_FIRST);
    List<ReplicaSet> sets = active(rollout).stream().sorted(order).toList();

    Map<ReplicaSet, Integer> sizes = new LinkedHashMap<>();
    int changed = 0;
    for (ReplicaSet set : sets) {
      int share = share(set, rollout, change, changed);
      sizes.put(set, Rollout.size(set) + share);
      changed += share;
    }
    int remainder = change - changed;
    for (Map.Entry<ReplicaSet, Integer> entry : sizes.entrySet()) {
      rollout.scale(entry.getKey(), Math.max(0, entry.getValue() + remainder));
      remainder = 0;
    }
  }

  private static int share(ReplicaSet set, Rollout rollout, int change, int changed) {
    int left = change - changed;
    if (left == 0 || Rollout.size(set) == 0) {
      return 0;
    }
    int fair = fairShare(set, rollout);
    return change > 0 ? Math.min(fair, left) : Math.max(fair, left);
  }

  // By how much the set changes when it keeps its part of the whole.
  private static int fairShare(ReplicaSet set, Rollout rollout) {
    Bounds bounds = rollout.bounds();
    int size = Rollout.size(set);
    if (bounds.replicas() == 0) {
      return -size;
    }
    int mostBefore =
        Annotations.maxReplicas(set).orElse(rollout.deployment().getStatus().getReplicas());
    if (mostBefore <= 0) {
      return 0;
    }
    double scaled = (double) size * bounds.most() / mostBefore;
    return (int) Math.round(scaled) - size;
  }

  // While at most one set has pods, there is nothing to spread.
  private static Optional<ReplicaSet> onlyActiveOrLatest(Rollout rollout) {
    List<ReplicaSet> active = active(rollout);
    return switch (active.size()) {
      case 0 -> rollout.current().or(() -> rollout.old().stream().max(Rollout.OLDEST_FIRST));
      case 1 -> Optional.of(active.getFirst());
      default -> Optional.empty();
    };
  }

  // The new set is whole and available as the size stands: the others are leftovers.
  private static boolean isSaturated(Rollout rollout) {
    int replicas = rollout.bounds().replicas();
    return rollout
        .current()
        .filter(set ->
            Rollout.size(set) == replicas
                && Annotations.desiredReplicas(set).orElse(-1) == replicas
                && set.getStatus().getAvailableReplicas() == replicas)
        .isPresent();
  }

  private static List<ReplicaSet> active(Rollout rollout) {
    return rollout.all().stream().filter(set -> Rollout.size(set) > 0).toList();
  }
}
