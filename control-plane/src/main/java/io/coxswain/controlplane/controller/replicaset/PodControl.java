package io.coxswain.controlplane.controller.replicaset;

import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodTemplateSpec;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.OwnWrites;
import io.coxswain.controlplane.controller.framework.OwnerReferences;
import io.coxswain.schema.ResourceType;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A ReplicaSet's writes to pods, each remembered until the informer has heard of it.
final class PodControl {

  private static final ResourceType<ReplicaSet> REPLICA_SET = ResourceType.of(ReplicaSet.class);

  private final Resources<Pod> pods;
  private final EventRecorder events;
  private final Informer<Pod> informer;
  private final OwnWrites writes = new OwnWrites();
  // A deletion is not answered with a version: whether it was heard of is seen on the pod.
  private final Map<ObjectKey, Set<Pod>> deleted = new ConcurrentHashMap<>();

  PodControl(ControllerContext context, Informer<Pod> informer) {
    this.pods = context.client().resources(Pod.class);
    this.events = context.events();
    this.informer = informer;
  }

  /// Whether the informer knows of everything that was written for the set. Asks the server when
  /// the outcome of a write is not known.
  ///
  /// @throws ApiException when the server does not answer
  boolean allSeen(ObjectKey set) {
    if (writes.isInDoubt(set)) {
      ListOptions one = ListOptions.in(set.namespace()).page(1, "");
      writes.settle(set, pods.list(one).resourceVersion());
    }
    Set<Pod> waiting =
        deleted.computeIfPresent(
            set,
            (key, pods) -> {
              pods.removeIf(this::isGoing);
              return pods.isEmpty() ? null : pods;
            });
    return waiting == null && writes.seen(set, informer.resourceVersion());
  }

  void forget(ObjectKey set) {
    writes.forget(set);
    deleted.remove(set);
  }

  void adopt(ReplicaSet set, Pod pod) {
    ObjectMeta adopted =
        OwnerReferences.add(
            pod.getMetadata(), OwnerReferences.controller(REPLICA_SET, set.getMetadata()));
    wrote(set, pods.update(pod.toBuilder().setMetadata(adopted).build()));
  }

  void release(ReplicaSet set, Pod pod) {
    ObjectMeta released = OwnerReferences.remove(pod.getMetadata(), set.getMetadata().getUid());
    wrote(set, pods.update(pod.toBuilder().setMetadata(released).build()));
  }

  /// @throws ApiException after saying so in an event
  void create(ReplicaSet set) {
    try {
      Pod created = pods.create(fromTemplate(set));
      wrote(set, created);
      events.normal(set, "SuccessfulCreate", "created pod " + created.getMetadata().getName());
    } catch (ApiException e) {
      if (leavesDoubt(e)) {
        writes.inDoubt(ObjectMetas.key(set));
      }
      events.warning(set, "FailedCreate", "a pod could not be created: " + e.getMessage());
      throw e;
    }
  }

  /// @throws ApiException after saying so in an event
  void delete(ReplicaSet set, Pod pod) {
    String name = pod.getMetadata().getName();
    try {
      pods.delete(
          pod.getMetadata().getNamespace(),
          name,
          DeletePolicy.DEFAULT
              .onlyUid(pod.getMetadata().getUid())
              .propagating(DeletePolicy.Propagation.BACKGROUND));
      deleted.computeIfAbsent(ObjectMetas.key(set), k -> ConcurrentHashMap.newKeySet()).add(pod);
      events.normal(set, "SuccessfulDelete", "deleted pod " + name);
    } catch (ApiException e) {
      if (leavesDoubt(e)) {
        writes.inDoubt(ObjectMetas.key(set));
      }
      // Gone, or another pod of that name by now: what was wanted.
      if (e.isNotFound() || e.isConflict()) {
        return;
      }
      events.warning(set, "FailedDelete", "pod " + name + " not deleted: " + e.getMessage());
      throw e;
    }
  }

  private boolean isGoing(Pod pod) {
    return informer
        .find(ObjectMetas.key(pod))
        .filter(now -> now.getMetadata().getUid().equals(pod.getMetadata().getUid()))
        .filter(now -> !now.getMetadata().hasDeletionTimestamp())
        .isEmpty();
  }

  private void wrote(ReplicaSet set, Pod pod) {
    writes.wrote(ObjectMetas.key(set), pod.getMetadata().getResourceVersion());
  }

  private static boolean leavesDoubt(ApiException e) {
    return switch (e.error()) {
      case ApiError.Unavailable u -> true;
      case ApiError.Timeout t -> true;
      case ApiError.Internal i -> true;
      default -> false;
    };
  }

  private static Pod fromTemplate(ReplicaSet set) {
    PodTemplateSpec template = set.getSpec().getTemplate();
    ObjectMeta of = template.getMetadata();
    return Pod.newBuilder()
        .setMetadata(
            ObjectMeta.newBuilder()
                .setGenerateName(set.getMetadata().getName() + "-")
                .setNamespace(set.getMetadata().getNamespace())
                .putAllLabels(of.getLabelsMap())
                .putAllAnnotations(of.getAnnotationsMap())
                .addAllFinalizers(of.getFinalizersList())
                .addOwnerReferences(OwnerReferences.controller(REPLICA_SET, set.getMetadata())))
        .setSpec(template.getSpec())
        .build();
  }
}
