package io.coxswain.controlplane.registry;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.api.autoscaling.v1.Scale;
import io.coxswain.api.autoscaling.v1.ScaleSpec;
import io.coxswain.api.autoscaling.v1.ScaleStatus;
import io.coxswain.api.core.v1.ReplicationControllerSpec;
import io.coxswain.api.meta.v1.LabelSelector;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Selectors;
import java.util.List;

/// The `scale` of anything that has `spec.replicas`: how many it wants and has. Pure.
final class Scales {

  private Scales() {}

  static Scale of(Message workload) {
    ObjectMeta meta = ObjectMetas.read(workload);
    Message spec = part(workload, "spec");
    return Scale.newBuilder()
        .setMetadata(
            ObjectMeta.newBuilder()
                .setName(meta.getName())
                .setNamespace(meta.getNamespace())
                .setUid(meta.getUid())
                .setResourceVersion(meta.getResourceVersion())
                .setCreationTimestamp(meta.getCreationTimestamp()))
        .setSpec(ScaleSpec.newBuilder().setReplicas(number(spec, "replicas")))
        .setStatus(
            ScaleStatus.newBuilder()
                .setReplicas(number(part(workload, "status"), "replicas"))
                .setSelector(selector(spec)))
        .build();
  }

  /// The workload wanting as many as the scale says.
  ///
  /// @throws io.coxswain.client.ApiException with Invalid for a number below zero
  static Message applied(Message workload, Scale scale) {
    int replicas = checked(scale);
    Message spec = part(workload, "spec");
    Message changed = spec.toBuilder().setField(field(spec, "replicas"), replicas).build();
    return workload.toBuilder().setField(field(workload, "spec"), changed).build();
  }

  /// @throws io.coxswain.client.ApiException with Invalid for a number below zero
  static int checked(Scale scale) {
    int replicas = scale.getSpec().getReplicas();
    if (replicas < 0) {
      throw Refusals.invalid(
          "autoscaling",
          "Scale",
          scale.getMetadata().getName(),
          List.of(
              new ApiError.Cause(
                  "FieldValueInvalid",
                  "spec.replicas",
                  "Invalid value: " + replicas + ": must be greater than or equal to 0")));
    }
    return replicas;
  }

  private static String selector(Message spec) {
    if (spec instanceof ReplicationControllerSpec old) {
      return Selectors.equalTo(old.getSelectorMap()).toString();
    }
    return part(spec, "selector") instanceof LabelSelector selector
        ? Selectors.labels(selector).toString()
        : "";
  }

  private static int number(Message message, String name) {
    return (Integer) message.getField(field(message, name));
  }

  private static Message part(Message message, String name) {
    return (Message) message.getField(field(message, name));
  }

  private static FieldDescriptor field(Message message, String name) {
    return Metadata.field(message, name)
        .orElseThrow(() ->
            new IllegalArgumentException(
                message.getDescriptorForType().getFullName() + " has no " + name));
  }
}
