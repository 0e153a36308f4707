package io.coxswain.controlplane.registry;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.api.policy.v1.Eviction;
import io.coxswain.api.policy.v1.PodDisruptionBudget;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Selectors;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.controlplane.watch.Selection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// Deletes a pod for whoever asks politely: only if the disruption budget over it allows.
final class Evictions {

  private static final Duration RETRY = Duration.ofSeconds(10);

  private final Kinds kinds;
  private final Writes writes;
  private final Deletions deletions;
  private final Runnable freshCaches;
  private final InstantSource clock;

  /// @param freshCaches blocks until the caches hold every write that was answered before: a budget
  ///   that was made a moment ago counts
  Evictions(
      Kinds kinds, Writes writes, Deletions deletions, Runnable freshCaches, InstantSource clock) {
    this.kinds = kinds;
    this.writes = writes;
    this.deletions = deletions;
    this.freshCaches = freshCaches;
    this.clock = clock;
  }

  /// @throws ApiException with TooManyRequests when the budget is used up
  void evict(Target target, Eviction eviction, WriteOptions options) {
    Target pod = Target.of(target.type(), target.namespace(), target.name());
    Pod found = (Pod) kinds.of(target.type()).require(pod.key()).message();
    WriteOptions all =
        eviction.getDeleteOptions().getDryRunCount() > 0 ? options.asDryRun() : options;
    if (PodStrategy.counts(found)) {
      for (PodDisruptionBudget budget : onlyBudget(found)) {
        if (goesUncounted(found, budget)) {
          continue;
        }
        var _ =
            writes.modify(
                kinds.of(PodDisruptionBudget.class),
                ObjectMetas.key(budget),
                all,
                current -> taken((PodDisruptionBudget) current, found));
      }
    }
    DeleteOptions how = eviction.getDeleteOptions();
    var _ = deletions.delete(pod, how, all.unasked());
  }

  private List<PodDisruptionBudget> onlyBudget(Pod pod) {
    List<PodDisruptionBudget> over = new ArrayList<>();
    String namespace = pod.getMetadata().getNamespace();
    freshCaches.run();
    Selection inNamespace = Selection.in(namespace);
    for (CachedObject object :
        kinds.of(PodDisruptionBudget.class).cache().list(inNamespace).objects()) {
      PodDisruptionBudget budget = (PodDisruptionBudget) object.message();
      // An empty selector takes every pod, none at all takes none.
      if (budget.getSpec().hasSelector()
          && Selectors.labels(budget.getSpec().getSelector()).matches(pod)) {
        over.add(budget);
      }
    }
    if (over.size() > 1) {
      throw new ApiException(
          new ApiError.Internal(
              "This pod has more than one PodDisruptionBudget, which the eviction subresource does"
                  + " not support."));
    }
    return over;
  }

  /// A pod that is not ready serves nobody, and a budget that counts on it for ever would keep its
  /// node from being emptied.
  private static boolean goesUncounted(Pod pod, PodDisruptionBudget budget) {
    boolean ready =
        pod.getStatus().getConditionsList().stream()
            .anyMatch(one -> one.getType().equals("Ready") && one.getStatus().equals("True"));
    if (ready) {
      return false;
    }
    int desired = budget.getStatus().getDesiredHealthy();
    return budget.getSpec().getUnhealthyPodEvictionPolicy().equals("AlwaysAllow")
        || (isCurrent(budget) && desired > 0 && budget.getStatus().getCurrentHealthy() >= desired);
  }

  private static boolean isCurrent(PodDisruptionBudget budget) {
    return budget.getStatus().getObservedGeneration() >= budget.getMetadata().getGeneration();
  }

  private PodDisruptionBudget taken(PodDisruptionBudget budget, Pod pod) {
    int allowed = budget.getStatus().getDisruptionsAllowed();
    String name = budget.getMetadata().getName();
    if (!isCurrent(budget)) {
      throw refused("The disruption budget " + name + " is still being processed by the server.");
    }
    if (allowed <= 0) {
      throw refused(
          "The disruption budget "
              + name
              + " needs "
              + budget.getStatus().getDesiredHealthy()
              + " healthy pods and has "
              + budget.getStatus().getCurrentHealthy()
              + " currently");
    }
    PodDisruptionBudget.Builder taken = budget.toBuilder();
    taken
        .getStatusBuilder()
        .setDisruptionsAllowed(allowed - 1)
        .putDisruptedPods(pod.getMetadata().getName(), Times.time(clock.instant()));
    return taken.build();
  }

  private static ApiException refused(String why) {
    return new ApiException(
        new ApiError.TooManyRequests(
            RETRY,
            "Cannot evict pod as it would violate the pod's disruption budget.",
            List.of(new ApiError.Cause("DisruptionBudget", "", why))));
  }
}
