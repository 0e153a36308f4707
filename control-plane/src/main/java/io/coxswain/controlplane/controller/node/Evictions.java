package io.coxswain.controlplane.controller.node;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.api.core.v1.Taint;
import io.coxswain.api.core.v1.Toleration;
import io.coxswain.client.codec.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// When a pod must leave a node for its NoExecute taints.
final class Evictions {

  private Evictions() {}

  /// A toleration counts from the latest of these: the taint was added, the pod was placed,
  /// evicting began.
  ///
  /// @param added when a taint was
  /// @param since the time when evicting began
  /// @param silentTolerance how long a pod that says nothing of it tolerates a node that is not
  ///   ready or not reachable
  /// @return empty when the pod tolerates everything for good
  static Optional<Instant> evictionTime(
      Pod pod,
      List<Taint> taints,
      Function<Taint, Instant> added,
      Instant since,
      Duration silentTolerance) {
    Instant placed = placed(pod);
    Instant earlier = placed.isAfter(since) ? placed : since;
    Optional<Instant> earliest = Optional.empty();
    for (Taint taint : taints) {
      if (!taint.getEffect().equals(NodeTaints.NO_EXECUTE)) {
        continue;
      }
      Instant there = added.apply(taint);
      Instant from = there.isAfter(earlier) ? there : earlier;
      Optional<Instant> at = tolerance(pod, taint, silentTolerance).map(from::plus);
      if (at.isPresent() && (earliest.isEmpty() || at.get().isBefore(earliest.get()))) {
        earliest = at;
      }
    }
    return earliest;
  }

  private static Instant placed(Pod pod) {
    return pod.getStatus().getConditionsList().stream()
        .filter(one -> one.getType().equals("PodScheduled") && one.getStatus().equals("True"))
        .filter(PodCondition::hasLastTransitionTime)
        .map(one -> Times.instant(one.getLastTransitionTime()))
        .findFirst()
        .orElseGet(() -> Times.instant(pod.getMetadata().getCreationTimestamp()));
  }

  // Empty for ever.
  private static Optional<Duration> tolerance(Pod pod, Taint taint, Duration silentTolerance) {
    List<Toleration> matching =
        pod.getSpec().getTolerationsList().stream().filter(t -> tolerates(t, taint)).toList();
    if (matching.isEmpty()) {
      boolean byNodeState =
          taint.getKey().equals(NodeTaints.UNREACHABLE)
              || taint.getKey().equals(NodeTaints.NOT_READY);
      return Optional.of(byNodeState ? silentTolerance : Duration.ZERO);
    }
    return matching.stream()
        .filter(Toleration::hasTolerationSeconds)
        .map(t -> Duration.ofSeconds(Math.max(0, t.getTolerationSeconds())))
        .min(Duration::compareTo);
  }

  private static boolean tolerates(Toleration toleration, Taint taint) {
    if (!toleration.getEffect().isEmpty() && !toleration.getEffect().equals(taint.getEffect())) {
      return false;
    }
    boolean exists = toleration.getOperator().equals("Exists");
    if (toleration.getKey().isEmpty()) {
      return exists;
    }
    return toleration.getKey().equals(taint.getKey())
        && (exists || toleration.getValue().equals(taint.getValue()));
  }
}
