package io.coxswain.controlplane.server;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.registry.Target;
import io.coxswain.schema.ObjectKind;
import io.coxswain.schema.Schema;
import java.util.Map;

/// Parts of objects whose message is not the object's own.
final class Subresources {

  private static final Map<String, ObjectKind> OWN =
      Map.of(
          "scale", new ObjectKind("autoscaling", "v1", "Scale"),
          "binding", new ObjectKind("", "v1", "Binding"),
          "eviction", new ObjectKind("policy", "v1", "Eviction"),
          "token", new ObjectKind("authentication.k8s.io", "v1", "TokenRequest"));

  private Subresources() {}

  static boolean hasOwnMessage(Target target) {
    return OWN.containsKey(target.subresource());
  }

  /// The empty message of what a write to the target carries.
  static Message bodyOf(Target target) {
    ObjectKind kind = OWN.get(target.subresource());
    if (kind == null) {
      return target.type().prototype();
    }
    return Schema.api()
        .message(kind)
        .orElseThrow(
            () -> new ApiException(new ApiError.NotImplemented(kind + " is not known here")));
  }
}
