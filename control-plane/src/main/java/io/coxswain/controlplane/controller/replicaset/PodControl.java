package io.coxswain.controlplane.controller.replicaset;

import com.google.protobuf.Message;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodTemplateSpec;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.OwnerReference;
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
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Writes to the pods of one kind of owner, each remembered until the informer has heard of it.
final class PodControl<T extends Message> {

  private final ReplicaKind<T> kind;
  private final Resources<Pod> pods;
  private final EventRecorder events;
  private final Informer<Pod> informer;
  private final OwnWrites writes = new OwnWrites();
  // A deletion is not answered with a version: whether it was heard of is seen on the pod.
  private final Map<ObjectKey, Set<Pod>> deleted = new ConcurrentHashMap<>();

  PodControl(ReplicaKind<T> kind, ControllerContext context, Informer<Pod> informer) {
    this.kind = kind;
    this.pods = context.client().resources(Pod.class);
    this.events = context.events();
    this.informer = informer;
  }

  /// Whether the informer knows of everything that was written for the owner. Asks the server when
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

  void adopt(T owner, Pod pod) {
    ObjectMeta adopted = OwnerReferences.add(pod.getMetadata(), reference(owner));
    wrote(owner, pods.update(pod.toBuilder().setMetadata(adopted).build()));
  }

  void release(T owner, Pod pod) {
    ObjectMeta released =
        OwnerReferences.remove(pod.getMetadata(), ObjectMetas.read(owner).getUid());
    wrote(owner, pods.update(pod.toBuilder().setMetadata(released).build()));
  }

  /// @throws ApiException after saying so in an event
  void create(T owner) {
    try {
      Pod created = pods.create(fromTemplate(owner));
      wrote(owner, created);
      events.normal(owner, "SuccessfulCreate", "created pod " + created.getMetadata().getName());
    } catch (ApiException e) {
      if (leavesDoubt(e)) {
        writes.inDoubt(ObjectMetas.key(owner));
      }
      events.warning(owner, "FailedCreate", "a pod could not be created: " + e.getMessage());
      throw e;
    }
  }

  /// @throws ApiException after saying so in an event
  void delete(T owner, Pod pod) {
    String name = pod.getMetadata().getName();
    try {
      pods.delete(
          pod.getMetadata().getNamespace(),
          name,
          DeletePolicy.DEFAULT
              .onlyUid(pod.getMetadata().getUid())
              .propagating(DeletePolicy.Propagation.BACKGROUND));
      deleted.computeIfAbsent(ObjectMetas.key(owner), k -> ConcurrentHashMap.newKeySet()).add(pod);
      events.normal(owner, "SuccessfulDelete", "deleted pod " + name);
    } catch (ApiException e) {
      if (leavesDoubt(e)) {
        writes.inDoubt(ObjectMetas.key(owner));
      }
      // Gone, or another pod of that name by now: what was wanted.
      if (e.isNotFound() || e.isConflict()) {
        return;
      }
      events.warning(owner, "FailedDelete", "pod " + name + " not deleted: " + e.getMessage());
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

  private void wrote(T owner, Pod pod) {
    writes.wrote(ObjectMetas.key(owner), pod.getMetadata().getResourceVersion());
  }

  private static boolean leavesDoubt(ApiException e) {
    return switch (e.error()) {
      case ApiError.Unavailable u -> true;
      case ApiError.Timeout t -> true;
      case ApiError.Internal i -> true;
      default -> false;
    };
  }

  private OwnerReference reference(T owner) {
    return OwnerReferences.controller(kind.type(), ObjectMetas.read(owner));
  }

  private Pod fromTemplate(T owner) {
    ReplicaSet set = kind.view(owner);
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
                .addOwnerReferences(reference(owner)))
        .setSpec(template.getSpec())
        .build();
  }
}
