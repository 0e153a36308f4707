package io.coxswain.controlplane.admission.plugin;

import com.google.protobuf.Message;
import java.util.List;
import java.util.Set;

/// One rule about writes that looks at other objects. Holds no state of its own.
interface AdmissionPlugin {

  /// The kinds that it has to do with, as `deployments.apps`.
  Set<String> kinds();

  /// Completes an object that has its defaults. Called again when the write is computed again.
  ///
  /// @throws io.coxswain.client.ApiException when the write is refused
  default Message mutate(AdmissionRequest request, StoredObjects objects) {
    return request.object();
  }

  /// Judges a valid object.
  ///
  /// @throws io.coxswain.client.ApiException when the write is refused
  default void validate(AdmissionRequest request, StoredObjects objects) {}

  /// Judges a valid object whose status was written.
  ///
  /// @throws io.coxswain.client.ApiException when the write is refused
  default void validateStatus(AdmissionRequest request, StoredObjects objects) {}

  /// What the writer should know though nothing was refused. Asked once for a write.
  default List<String> warnings(AdmissionRequest request, StoredObjects objects) {
    return List.of();
  }
}
