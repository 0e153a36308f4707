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
  private final InstantSource clock;

  Evictions(Kinds kinds, Writes writes, Deletions deletions, InstantSource clock) {
    this.kinds = kinds;
    this.writes = writes;
    this.deletions = deletions;
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
        var _ =
            writes.modify(
                kinds.of(PodDisruptionBudget.class),
                ObjectMetas.key(budget),
                all,
                current -> taken((PodDisruptionBudget) current, found));
      }
    }
    DeleteOptions how = eviction.getDeleteOptions();
    var _ = deletions.delete(pod, how, all);
  }

  private List<PodDisruptionBudget> onlyBudget(Pod pod) {
    List<PodDisruptionBudget> over = new ArrayList<>();
    String namespace = pod.getMetadata().getNamespace();
    Selection inNamespace = Selection.in(namespace);
    for (CachedObject object :
        kinds.of(PodDisruptionBudget.class).cache().list(inNamespace).objects()) {
      PodDisruptionBudget budget = (PodDisruptionBudget) object.message();
      if (Selectors.labels(budget.getSpec().getSelector()).matches(pod)) {
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

  private PodDisruptionBudget taken(PodDisruptionBudget budget, Pod pod) {
    int allowed = budget.getStatus().getDisruptionsAllowed();
    boolean current =
        budget.getStatus().getObservedGeneration() >= budget.getMetadata().getGeneration();
    if (allowed <= 0 || !current) {
      throw new ApiException(
          new ApiError.TooManyRequests(
              RETRY,
              "Cannot evict pod as it would violate the pod's disruption budget. The disruption"
                  + " budget "
                  + budget.getMetadata().getName()
                  + " needs "
                  + budget.getStatus().getDesiredHealthy()
                  + " healthy pods and has "
                  + budget.getStatus().getCurrentHealthy()
                  + " currently"));
    }
    PodDisruptionBudget.Builder taken = budget.toBuilder();
    taken
        .getStatusBuilder()
        .setDisruptionsAllowed(allowed - 1)
        .putDisruptedPods(pod.getMetadata().getName(), Times.time(clock.instant()));
    return taken.build();
  }
}
