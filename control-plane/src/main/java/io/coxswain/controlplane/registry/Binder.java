package io.coxswain.controlplane.registry;

import io.coxswain.api.core.v1.Binding;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.client.codec.Times;
import java.time.Instant;

/// Gives a pod to a node, once. Pure.
final class Binder {

  private Binder() {}

  /// The pod as it is once bound.
  ///
  /// @throws io.coxswain.client.ApiException with Conflict when the pod is bound or ends
  static Pod bound(Target target, Pod pod, Binding binding, Instant now) {
    String uid = binding.getMetadata().getUid();
    if (!uid.isEmpty() && !uid.equals(pod.getMetadata().getUid())) {
      throw Refusals.partConflict(
          target,
          "Precondition failed: UID in precondition: "
              + uid
              + ", UID in object meta: "
              + pod.getMetadata().getUid());
    }
    if (pod.getMetadata().hasDeletionTimestamp()) {
      throw Refusals.partConflict(
          target, "pod " + target.name() + " is being deleted, cannot be assigned to a host");
    }
    if (!pod.getSpec().getNodeName().isEmpty()) {
      throw Refusals.partConflict(
          target,
          "pod "
              + target.name()
              + " is already assigned to node \""
              + pod.getSpec().getNodeName()
              + "\"");
    }
    if (binding.getTarget().getName().isEmpty()) {
      throw Refusals.badRequest("binding: target.name is required: the node to run on");
    }
    Pod.Builder bound = pod.toBuilder();
    bound.getSpecBuilder().setNodeName(binding.getTarget().getName());
    bound.getMetadataBuilder().putAllAnnotations(binding.getMetadata().getAnnotationsMap());
    setCondition(
        bound,
        PodCondition.newBuilder()
            .setType("PodScheduled")
            .setStatus("True")
            .setLastTransitionTime(Times.time(now))
            .build());
    return bound.build();
  }

  private static void setCondition(Pod.Builder pod, PodCondition condition) {
    for (int i = 0; i < pod.getStatus().getConditionsCount(); i++) {
      if (pod.getStatus().getConditions(i).getType().equals(condition.getType())) {
        pod.getStatusBuilder().setConditions(i, condition);
        return;
      }
    }
    pod.getStatusBuilder().addConditions(condition);
  }
}
