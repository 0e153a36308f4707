package io.coxswain.controlplane.controller.disruption;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.Condition;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.api.policy.v1.PodDisruptionBudget;
import io.coxswain.api.policy.v1.PodDisruptionBudgetSpec;
import io.coxswain.api.policy.v1.PodDisruptionBudgetStatus;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.controller.framework.IntOrPercent;
import io.coxswain.controlplane.controller.framework.OwnerReferences;
import io.coxswain.controlplane.controller.framework.PodFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What a budget's status should be, and when it changes by itself.
///
/// @param lookAgain when a pod that was evicted and is still there counts again
record DisruptionPlan(PodDisruptionBudgetStatus status, Optional<Duration> lookAgain) {

  private static final String ALLOWED = "DisruptionAllowed";

  /// How long an evicted pod may take until its deletion is seen: if it is there after that, the
  /// eviction did not come to be.
  static final Duration DELETION = Duration.ofMinutes(2);

  /// What a budget wants of its pods.
  private record Wanted(int expected, int healthy) {}

  static DisruptionPlan of(DisruptionSnapshot given) {
    Map<String, Time> disrupted = stillDisrupted(given);
    Optional<Duration> lookAgain =
        disrupted.values().stream()
            .map(since -> Times.instant(since).plus(DELETION))
            .min(Instant::compareTo)
            .map(first -> Duration.between(given.now(), first));
    PodDisruptionBudgetStatus.Builder status =
        PodDisruptionBudgetStatus.newBuilder()
            .setObservedGeneration(given.budget().getMetadata().getGeneration())
            .putAllDisruptedPods(disrupted);
    try {
      Wanted wanted = wanted(given);
      int healthy = healthy(given, disrupted);
      int allowed = wanted.expected() <= 0 ? 0 : Math.max(0, healthy - wanted.healthy());
      status
          .setExpectedPods(wanted.expected())
          .setDesiredHealthy(wanted.healthy())
          .setCurrentHealthy(healthy)
          .setDisruptionsAllowed(allowed)
          .addConditions(
              allowed > 0
                  ? condition(given, "True", "SufficientPods", "")
                  : condition(given, "False", "InsufficientPods", ""));
    } catch (UnknownWorkloadException | IllegalArgumentException e) {
      // Nothing may be taken away of what nobody can count.
      PodDisruptionBudgetStatus before = given.budget().getStatus();
      status
          .setExpectedPods(before.getExpectedPods())
          .setDesiredHealthy(before.getDesiredHealthy())
          .setCurrentHealthy(before.getCurrentHealthy())
          .addConditions(condition(given, "False", "SyncFailed", e.getMessage() + ""));
    }
    return new DisruptionPlan(status.build(), lookAgain);
  }

  private static Map<String, Time> stillDisrupted(DisruptionSnapshot given) {
    Map<String, Time> before = given.budget().getStatus().getDisruptedPodsMap();
    Map<String, Time> still = new LinkedHashMap<>();
    for (Pod pod : given.pods()) {
      Time since = before.get(pod.getMetadata().getName());
      if (since != null
          && !PodFacts.isTerminating(pod)
          && Times.instant(since).plus(DELETION).isAfter(given.now())) {
        still.put(pod.getMetadata().getName(), since);
      }
    }
    return still;
  }

  private static Wanted wanted(DisruptionSnapshot given) throws UnknownWorkloadException {
    PodDisruptionBudgetSpec spec = given.budget().getSpec();
    if (spec.hasMaxUnavailable()) {
      int expected = expected(given);
      int away = IntOrPercent.ceiling(spec.getMaxUnavailable(), expected);
      return new Wanted(expected, Math.max(0, expected - away));
    }
    if (!spec.hasMinAvailable()) {
      return new Wanted(given.pods().size(), 0);
    }
    // A number needs no workload to be a share of.
    int expected =
        IntOrPercent.isShare(spec.getMinAvailable()) ? expected(given) : given.pods().size();
    return new Wanted(expected, IntOrPercent.ceiling(spec.getMinAvailable(), expected));
  }

  /// What the workloads of the pods want, each counted once. Pods that nobody controls count for
  /// none: nobody replaces them.
  private static int expected(DisruptionSnapshot given) throws UnknownWorkloadException {
    Map<String, Integer> counts = new HashMap<>();
    for (Pod pod : given.pods()) {
      var controller = OwnerReferences.controllerOf(pod.getMetadata());
      if (controller.isEmpty()) {
        continue;
      }
      String uid = controller.get().getUid();
      Integer replicas = given.replicas().get(uid);
      if (replicas == null) {
        throw new UnknownWorkloadException(
            "how many pods "
                + controller.get().getKind()
                + " \""
                + controller.get().getName()
                + "\" wants is not known: use minAvailable with a number");
      }
      counts.put(given.workloads().getOrDefault(uid, uid), replicas);
    }
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  private static int healthy(DisruptionSnapshot given, Map<String, Time> disrupted) {
    int healthy = 0;
    for (Pod pod : given.pods()) {
      boolean stays =
          !PodFacts.isTerminating(pod) && !disrupted.containsKey(pod.getMetadata().getName());
      if (stays && PodFacts.isReady(pod)) {
        healthy++;
      }
    }
    return healthy;
  }

  private static Condition condition(
      DisruptionSnapshot given, String status, String reason, String message) {
    PodDisruptionBudget budget = given.budget();
    Time since =
        budget.getStatus().getConditionsList().stream()
            .filter(before -> before.getType().equals(ALLOWED))
            .filter(before -> before.getStatus().equals(status))
            .map(Condition::getLastTransitionTime)
            .findFirst()
            .orElse(Times.time(given.now()));
    return Condition.newBuilder()
        .setType(ALLOWED)
        .setStatus(status)
        .setReason(reason)
        .setMessage(message)
        .setObservedGeneration(budget.getMetadata().getGeneration())
        .setLastTransitionTime(since)
        .build();
  }

  /// A pod's controller is none whose size can be read.
  private static final class UnknownWorkloadException extends Exception {
    UnknownWorkloadException(String message) {
      super(message);
    }
  }
}
