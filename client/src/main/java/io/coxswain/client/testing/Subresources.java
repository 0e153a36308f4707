package io.coxswain.client.testing;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.api.autoscaling.v1.Scale;
import io.coxswain.api.autoscaling.v1.ScaleSpec;
import io.coxswain.api.autoscaling.v1.ScaleStatus;
import io.coxswain.api.core.v1.Binding;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.ObjectMetas;
import java.time.Instant;

/// The parts of objects with a path of their own. Pure.
final class Subresources {

  private Subresources() {}

  /// The pod as it is once bound.
  static Pod bind(Pod pod, Binding binding, Instant now) {
    String uid = binding.getMetadata().getUid();
    if (!uid.isEmpty() && !uid.equals(pod.getMetadata().getUid())) {
      throw conflict(
          pod,
          "Precondition failed: UID in precondition: "
              + uid
              + ", UID in object meta: "
              + pod.getMetadata().getUid());
    }
    if (pod.getMetadata().hasDeletionTimestamp()) {
      throw conflict(
          pod,
          "pod " + pod.getMetadata().getName() + " is being deleted, cannot be assigned to a host");
    }
    if (!pod.getSpec().getNodeName().isEmpty()) {
      throw conflict(
          pod,
          "pod "
              + pod.getMetadata().getName()
              + " is already assigned to node \""
              + pod.getSpec().getNodeName()
              + "\"");
    }
    if (binding.getTarget().getName().isEmpty()) {
      throw new ApiException(new ApiError.BadRequest("binding: target.name is required"));
    }
    Pod.Builder bound = pod.toBuilder();
    bound.getSpecBuilder().setNodeName(binding.getTarget().getName());
    PodCondition scheduled =
        PodCondition.newBuilder()
            .setType("PodScheduled")
            .setStatus("True")
            .setLastTransitionTime(WriteRules.time(now))
            .build();
    for (int i = 0; i < pod.getStatus().getConditionsCount(); i++) {
      if (pod.getStatus().getConditions(i).getType().equals("PodScheduled")) {
        bound.getStatusBuilder().setConditions(i, scheduled);
        return bound.build();
      }
    }
    bound.getStatusBuilder().addConditions(scheduled);
    return bound.build();
  }

  /// How many replicas a workload wants and has.
  static Scale scaleOf(Message workload) {
    return Scale.newBuilder()
        .setMetadata(
            ObjectMetas.read(workload).toBuilder()
                .clearLabels()
                .clearAnnotations()
                .clearOwnerReferences()
                .clearManagedFields()
                .clearFinalizers())
        .setSpec(ScaleSpec.newBuilder().setReplicas(replicas(workload, "spec")))
        .setStatus(ScaleStatus.newBuilder().setReplicas(replicas(workload, "status")))
        .build();
  }

  static Message scaled(Message workload, Scale scale) {
    FieldDescriptor spec = field(workload, "spec");
    Message.Builder part = ((Message) workload.getField(spec)).toBuilder();
    part.setField(
        field((Message) workload.getField(spec), "replicas"), scale.getSpec().getReplicas());
    return workload.toBuilder().setField(spec, part.build()).build();
  }

  private static int replicas(Message workload, String part) {
    Message holder = (Message) workload.getField(field(workload, part));
    return (Integer) holder.getField(field(holder, "replicas"));
  }

  private static FieldDescriptor field(Message message, String name) {
    FieldDescriptor field = message.getDescriptorForType().findFieldByName(name);
    if (field == null) {
      throw new ApiException(
          new ApiError.NotFound(
              "", "", "", message.getDescriptorForType().getName() + " has no scale: no " + name));
    }
    return field;
  }

  private static ApiException conflict(Pod pod, String why) {
    return new ApiException(
        new ApiError.Conflict(
            "",
            "pods/binding",
            pod.getMetadata().getName(),
            "Operation cannot be fulfilled on pods/binding \""
                + pod.getMetadata().getName()
                + "\": "
                + why));
  }
}
