package io.coxswain.controlplane.admission.plugin;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.admission.dynamic.Notes;
import io.coxswain.schema.ResourceType;
import java.util.List;
import java.util.Optional;

/// One write, as plug-ins see it.
///
/// @param subresource as in the path, as `resize`; empty for the object itself
/// @param namespace empty for kinds of the whole cluster
/// @param before the stored object; nothing for a new one
/// @param object what is to be stored
/// @param dryRun whether it will really be stored
/// @param notes takes annotations for the audit log
public record AdmissionRequest(
    ResourceType<?> type,
    String subresource,
    String namespace,
    String name,
    Optional<Message> before,
    Message object,
    boolean dryRun,
    Notes notes) {

  boolean creates() {
    return before.isEmpty();
  }

  /// The same write of what has become of the object.
  @SuppressWarnings("ReferenceEquality") // only saves making another
  public AdmissionRequest with(Message changed) {
    return changed == object
        ? this
        : new AdmissionRequest(type, subresource, namespace, name, before, changed, dryRun, notes);
  }

  /// A refusal in Kubernetes' words, to be thrown.
  ApiException forbidden(String why) {
    return forbidden(why, List.of());
  }

  ApiException forbidden(String why, List<ApiError.Cause> causes) {
    return new ApiException(
        new ApiError.Forbidden(
            "%s \"%s\" is forbidden: %s".formatted(type.qualifiedPlural(), name, why), causes));
  }
}
