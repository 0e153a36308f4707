package io.coxswain.controlplane.registry;

import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.fieldset.Ownership;
import io.coxswain.controlplane.storage.StoreException;
import io.coxswain.controlplane.storage.StoredValue;
import io.coxswain.schema.ResourceType;
import java.util.List;

/// What the registry says no with, in Kubernetes' words, which tools read.
final class Refusals {

  static final String MODIFIED =
      "the object has been modified; please apply your changes to the latest version and try again";

  private Refusals() {}

  static ApiException notFound(ResourceType<?> type, String name) {
    return new ApiException(
        new ApiError.NotFound(
            type.group(),
            type.plural(),
            name,
            type.qualifiedPlural() + " \"" + name + "\" not found"));
  }

  static ApiException noPart(Target target) {
    return new ApiException(
        new ApiError.NotFound(
            target.type().group(),
            target.type().plural(),
            target.name(),
            "the server could not find the requested resource: "
                + target.type().qualifiedPlural()
                + "/"
                + target.subresource()));
  }

  static ApiException alreadyExists(ResourceType<?> type, String name) {
    return new ApiException(
        new ApiError.AlreadyExists(
            type.group(),
            type.plural(),
            name,
            type.qualifiedPlural() + " \"" + name + "\" already exists"));
  }

  static ApiException conflict(ResourceType<?> type, String name, String why) {
    return conflict(type.group(), type.qualifiedPlural(), type.plural(), name, why);
  }

  static ApiException partConflict(Target target, String why) {
    String part = "/" + target.subresource();
    return conflict(
        target.type().group(),
        target.type().qualifiedPlural() + part,
        target.type().plural() + part,
        target.name(),
        why);
  }

  private static ApiException conflict(
      String group, String shown, String plural, String name, String why) {
    return new ApiException(
        new ApiError.Conflict(
            group,
            plural,
            name,
            "Operation cannot be fulfilled on " + shown + " \"" + name + "\": " + why));
  }

  /// An apply that would take fields from others, in the words that kubectl shows.
  static ApiException applyConflict(List<Ownership.Conflict> conflicts) {
    List<ApiError.Cause> causes =
        conflicts.stream()
            .map(conflict ->
                new ApiError.Cause(
                    "FieldManagerConflict",
                    conflict.field(),
                    "conflict with " + conflict.manager()))
            .toList();
    if (conflicts.size() == 1) {
      Ownership.Conflict only = conflicts.getFirst();
      return new ApiException(
          new ApiError.Conflict(
              "",
              "",
              "",
              "Apply failed with 1 conflict: conflict with " + only.manager() + ": " + only.field(),
              causes));
    }
    StringBuilder all = new StringBuilder("Apply failed with " + conflicts.size() + " conflicts: ");
    for (int i = 0; i < conflicts.size(); i++) {
      Ownership.Conflict conflict = conflicts.get(i);
      if (i == 0 || !conflict.manager().equals(conflicts.get(i - 1).manager())) {
        all.append(i == 0 ? "" : "\n")
            .append("conflicts with ")
            .append(conflict.manager())
            .append(':');
      }
      all.append("\n- ").append(conflict.field());
    }
    return new ApiException(new ApiError.Conflict("", "", "", all.toString(), causes));
  }

  static ApiException forbidden(
      ResourceType<?> type, String name, String why, ApiError.Cause... causes) {
    return new ApiException(
        new ApiError.Forbidden(
            type.qualifiedPlural() + " \"" + name + "\" is forbidden: " + why, List.of(causes)));
  }

  static ApiException badRequest(String why) {
    return new ApiException(new ApiError.BadRequest(why));
  }

  static ApiException invalid(ResourceType<?> type, String name, List<ApiError.Cause> causes) {
    return invalid(type.group(), type.kind(), name, causes);
  }

  static ApiException invalid(String group, String kind, String name, List<ApiError.Cause> causes) {
    return new ApiException(ApiError.Invalid.of(group, kind, name, causes));
  }

  /// @throws ApiException naming the object when its bytes are not what was written
  static void unlessReadable(StoredValue value) {
    if (value.reading() instanceof StoredValue.Unreadable(String why)) {
      throw new ApiException(
          new ApiError.Internal(
              "Internal error occurred: unable to transform key \"" + value.key() + "\": " + why));
    }
  }

  /// The store's failures as callers of the API know them.
  static ApiException of(StoreException failed) {
    return new ApiException(
        switch (failed) {
          case StoreException.Unavailable _ ->
              new ApiError.Unavailable("the store does not answer: " + failed.getMessage());
          case StoreException.OutcomeUnknown _ ->
              new ApiError.Timeout(
                  "it is not known whether the change was made: " + failed.getMessage());
          case StoreException.Compacted _ ->
              new ApiError.Expired(
                  "The resourceVersion is too old, list again: " + failed.getMessage());
          case StoreException.TooLarge _ ->
              new ApiError.TooLarge(
                  "the object is more than the store takes, which is 1.5 MB: "
                      + failed.getMessage());
          case StoreException.Full _ ->
              new ApiError.Internal("the store takes no more writes: " + failed.getMessage());
        },
        failed);
  }
}
