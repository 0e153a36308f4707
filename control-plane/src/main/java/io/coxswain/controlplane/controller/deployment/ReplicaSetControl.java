package io.coxswain.controlplane.controller.deployment;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.Meanwhile;
import io.coxswain.controlplane.controller.framework.OwnWrites;
import io.coxswain.controlplane.controller.framework.OwnerReferences;
import io.coxswain.schema.ResourceType;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A Deployment's writes to ReplicaSets, each fenced by the version that was read and remembered
/// until the informer has heard of it.
final class ReplicaSetControl {

  private static final ResourceType<Deployment> DEPLOYMENT = ResourceType.of(Deployment.class);

  private final Resources<ReplicaSet> sets;
  private final Resources<Deployment> deployments;
  private final EventRecorder events;
  private final OwnWrites writes = new OwnWrites();
  // By Deployment, sets of which nobody knows whether the last write was done.
  private final Map<ObjectKey, Set<ObjectKey>> doubtful = new ConcurrentHashMap<>();

  ReplicaSetControl(ControllerContext context) {
    this.sets = context.client().resources(ReplicaSet.class);
    this.deployments = context.client().resources(Deployment.class);
    this.events = context.events();
  }

  /// Whether the informer knows of everything that was written for the Deployment. Asks the server
  /// about writes of unknown outcome.
  ///
  /// @throws ApiException when the server does not answer
  boolean allSeen(ObjectKey deployment, String informerVersion) {
    Set<ObjectKey> open = doubtful.getOrDefault(deployment, Set.of());
    for (ObjectKey set : Set.copyOf(open)) {
      sets.find(set.namespace(), set.name())
          .ifPresent(now -> writes.wrote(deployment, now.getMetadata().getResourceVersion()));
      open.remove(set);
    }
    doubtful.computeIfPresent(deployment, (key, left) -> left.isEmpty() ? null : left);
    return writes.seen(deployment, informerVersion);
  }

  void forget(ObjectKey deployment) {
    writes.forget(deployment);
    doubtful.remove(deployment);
  }

  /// @return false when the name of a set to create is taken by another
  /// @throws ApiException with Conflict when the set was written since the plan was made
  boolean carryOut(Deployment deployment, Action action) {
    try {
      return write(deployment, action);
    } catch (ApiException e) {
      if (mayHaveHappened(e.error())) {
        written(action)
            .ifPresent(set ->
                doubtful
                    .computeIfAbsent(
                        ObjectMetas.key(deployment), key -> ConcurrentHashMap.newKeySet())
                    .add(ObjectMetas.key(set)));
      }
      throw e;
    }
  }

  private static boolean mayHaveHappened(ApiError error) {
    return error instanceof ApiError.Unavailable
        || error instanceof ApiError.Timeout
        || error instanceof ApiError.Internal;
  }

  private static Optional<ReplicaSet> written(Action action) {
    return switch (action) {
      case Action.Adopt(var set) -> Optional.of(set);
      case Action.Release(var set) -> Optional.of(set);
      case Action.Create(var set) -> Optional.of(set);
      case Action.Update(var before, var after) -> Optional.of(after);
      case Action.Delete(var set) -> Optional.of(set);
      case Action.NoteRevision(var revision) -> Optional.empty();
    };
  }

  private boolean write(Deployment deployment, Action action) {
    switch (action) {
      case Action.Adopt(var set) -> adopt(deployment, set);
      case Action.Release(var set) -> {
        ObjectMeta released =
            OwnerReferences.remove(set.getMetadata(), deployment.getMetadata().getUid());
        wrote(deployment, sets.update(set.toBuilder().setMetadata(released).build()));
      }
      case Action.Create(var set) -> {
        return create(deployment, set);
      }
      case Action.Update(var before, var after) -> {
        wrote(deployment, sets.update(after));
        int from = Rollout.size(before);
        int to = Rollout.size(after);
        if (from != to) {
          scaled(deployment, after, from, to);
        }
      }
      case Action.Delete(var set) -> delete(set);
      // The Deployment's own, which its controller writes.
      case Action.NoteRevision(var revision) -> {}
    }
    return true;
  }

  private boolean create(Deployment deployment, ReplicaSet set) {
    ReplicaSet created;
    try {
      created = sets.create(set);
    } catch (ApiException e) {
      if (e.isAlreadyExists()) {
        return isOurs(deployment, set);
      }
      events.warning(
          deployment,
          "ReplicaSetCreateError",
          "ReplicaSet " + set.getMetadata().getName() + " not created: " + e.getMessage());
      throw e;
    }
    wrote(deployment, created);
    if (Rollout.size(created) > 0) {
      scaled(deployment, created, 0, Rollout.size(created));
    }
    return true;
  }

  // Created before a crash, or by a write whose answer was lost.
  private boolean isOurs(Deployment deployment, ReplicaSet wanted) {
    ObjectMeta meta = wanted.getMetadata();
    ReplicaSet existing = sets.read(meta.getNamespace(), meta.getName());
    boolean ours =
        OwnerReferences.isControlledBy(existing.getMetadata(), deployment.getMetadata())
            && TemplateHash.sameTemplate(
                existing.getSpec().getTemplate(), wanted.getSpec().getTemplate());
    if (ours) {
      wrote(deployment, existing);
    }
    return ours;
  }

  // The cached Deployment may be gone: only one that is still there, and is the same, may adopt.
  private void adopt(Deployment deployment, ReplicaSet set) {
    ObjectMeta owner = deployment.getMetadata();
    Deployment fresh = deployments.read(owner.getNamespace(), owner.getName());
    if (!fresh.getMetadata().getUid().equals(owner.getUid())
        || fresh.getMetadata().hasDeletionTimestamp()) {
      return;
    }
    ObjectMeta adopted =
        OwnerReferences.add(set.getMetadata(), OwnerReferences.controller(DEPLOYMENT, owner));
    wrote(deployment, sets.update(set.toBuilder().setMetadata(adopted).build()));
  }

  private void delete(ReplicaSet set) {
    ObjectMeta meta = set.getMetadata();
    Meanwhile.gone(() -> {
      sets.delete(meta.getNamespace(), meta.getName(), DeletePolicy.DEFAULT.onlyUid(meta.getUid()));
    });
  }

  private void scaled(Deployment deployment, ReplicaSet set, int from, int to) {
    String direction = to > from ? "up" : "down";
    events.normal(
        deployment,
        "ScalingReplicaSet",
        "scaled " + set.getMetadata().getName() + " " + direction + " from " + from + " to " + to);
  }

  private void wrote(Deployment deployment, ReplicaSet set) {
    writes.wrote(ObjectMetas.key(deployment), set.getMetadata().getResourceVersion());
  }
}
