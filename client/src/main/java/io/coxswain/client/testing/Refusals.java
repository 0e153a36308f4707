package io.coxswain.client.testing;

import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.schema.ResourceType;
import java.util.List;

/// What the API says no with, in Kubernetes' words.
final class Refusals {

  private Refusals() {}

  static ApiException notFound(ResourceType<?> type, String name) {
    return new ApiException(
        new ApiError.NotFound(
            type.group(),
            type.plural(),
            name,
            type.qualifiedPlural() + " \"" + name + "\" not found"));
  }

  static ApiException alreadyExists(ResourceType<?> type, String name) {
    return new ApiException(
        new ApiError.AlreadyExists(
            type.group(),
            type.plural(),
            name,
            type.qualifiedPlural() + " \"" + name + "\" already exists"));
  }

  static ApiException noSubresource(ResourceType<?> type, String subresource) {
    return new ApiException(
        new ApiError.NotFound(
            type.group(),
            type.plural(),
            "",
            "the server could not find the requested resource: "
                + type.qualifiedPlural()
                + "/"
                + subresource));
  }

  static ApiException nameRequired(ResourceType<?> type) {
    String message = "name or generateName is required";
    return new ApiException(
        new ApiError.Invalid(
            type.group(),
            type.kind(),
            "",
            List.of(new ApiError.Cause("FieldValueRequired", "metadata.name", message)),
            type.kind() + " \"\" is invalid: metadata.name: Required value: " + message));
  }

  /// @param version what the caller last saw; empty for any
  /// @param uid the incarnation that the caller means; empty for any
  static void checkUnchanged(ResourceType<?> type, ObjectMeta stored, String version, String uid) {
    if (!uid.isEmpty() && !uid.equals(stored.getUid())) {
      throw conflict(
          type,
          stored.getName(),
          "Precondition failed: UID in precondition: "
              + uid
              + ", UID in object meta: "
              + stored.getUid());
    }
    if (!version.isEmpty() && !version.equals(stored.getResourceVersion())) {
      throw conflict(
          type,
          stored.getName(),
          "the object has been modified; please apply your changes to the latest version and try"
              + " again");
    }
  }

  private static ApiException conflict(ResourceType<?> type, String name, String why) {
    return new ApiException(
        new ApiError.Conflict(
            type.group(),
            type.plural(),
            name,
            "Operation cannot be fulfilled on "
                + type.qualifiedPlural()
                + " \""
                + name
                + "\": "
                + why));
  }
}
