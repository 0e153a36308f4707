package io.coxswain.controlplane.controller.framework;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.client.codec.Times;
import java.time.Instant;
import java.util.Optional;

/// What a pod's object says about the pod.
public final class PodFacts {

  private PodFacts() {}

  /// Asked to end; its containers may still run.
  public static boolean isTerminating(Pod pod) {
    return pod.getMetadata().hasDeletionTimestamp();
  }

  /// Ended by itself for good: it will not run again.
  public static boolean isFinished(Pod pod) {
    String phase = pod.getStatus().getPhase();
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  /// Counts as a replica: neither finished nor asked to end.
  public static boolean isActive(Pod pod) {
    return !isTerminating(pod) && !isFinished(pod);
  }

  public static boolean isReady(Pod pod) {
    return condition(pod, "Ready").filter(c -> c.getStatus().equals("True")).isPresent();
  }

  /// Since when the pod has been ready without a break; empty when it is not.
  public static Optional<Instant> readySince(Pod pod) {
    return condition(pod, "Ready")
        .filter(c -> c.getStatus().equals("True"))
        .map(c -> Times.instant(c.getLastTransitionTime()));
  }

  /// From when the pod counts as available: ready for `minReadySeconds`. Empty while not ready.
  public static Optional<Instant> availableFrom(Pod pod, int minReadySeconds) {
    return readySince(pod).map(since -> since.plusSeconds(Math.max(0, minReadySeconds)));
  }

  public static boolean isAvailable(Pod pod, int minReadySeconds, Instant now) {
    if (minReadySeconds <= 0) {
      return isReady(pod);
    }
    return availableFrom(pod, minReadySeconds).filter(from -> !from.isAfter(now)).isPresent();
  }

  public static Optional<PodCondition> condition(Pod pod, String type) {
    for (PodCondition condition : pod.getStatus().getConditionsList()) {
      if (condition.getType().equals(type)) {
        return Optional.of(condition);
      }
    }
    return Optional.empty();
  }

  /// How often its containers were started again, all together.
  public static int restarts(Pod pod) {
    int restarts = 0;
    for (var status : pod.getStatus().getContainerStatusesList()) {
      restarts += status.getRestartCount();
    }
    return restarts;
  }
}
