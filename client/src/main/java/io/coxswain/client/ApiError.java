package io.coxswain.client;

import io.coxswain.api.meta.v1.Status;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/// Why the API refused: the product's whole vocabulary of errors. Codes, reasons and wording are
/// those of Kubernetes' `Status`, which tools parse.
public sealed interface ApiError {

  /// Cause of a refusal: the namespace is being deleted, and nothing new gets into it.
  String NAMESPACE_TERMINATING = "NamespaceTerminating";

  /// For a person: what was wrong, where, and what to do.
  String message();

  /// One thing wrong with one field.
  ///
  /// @param type Kubernetes' cause, as `FieldValueRequired`
  /// @param field path from the object's root, as `spec.containers[0].image`
  record Cause(String type, String field, String message) {}

  record BadRequest(String message) implements ApiError {}

  record Unauthorized(String message) implements ApiError {}

  /// @param causes what a program may act on, as [#NAMESPACE_TERMINATING]; mostly none
  record Forbidden(String message, List<Cause> causes) implements ApiError {
    public Forbidden {
      causes = List.copyOf(causes);
    }

    public Forbidden(String message) {
      this(message, List.of());
    }
  }

  record NotFound(String group, String plural, String name, String message) implements ApiError {}

  record MethodNotAllowed(String message) implements ApiError {}

  record NotAcceptable(String message) implements ApiError {}

  record AlreadyExists(String group, String plural, String name, String message)
      implements ApiError {}

  /// @param causes the fields that others own, of an apply; otherwise none
  record Conflict(String group, String plural, String name, String message, List<Cause> causes)
      implements ApiError {
    public Conflict {
      causes = List.copyOf(causes);
    }

    public Conflict(String group, String plural, String name, String message) {
      this(group, plural, name, message, List.of());
    }
  }

  /// 410: the resource version is no longer known; list again.
  ///
  /// @param continueToken of a list whose snapshot is forgotten: with it the rest can be read as it
  ///   is now; mostly none, which is empty
  record Expired(String message, String continueToken) implements ApiError {
    public Expired(String message) {
      this(message, "");
    }
  }

  record TooLarge(String message) implements ApiError {}

  record UnsupportedMediaType(String message) implements ApiError {}

  /// 422: the object itself is wrong; every cause is named.
  record Invalid(String group, String kind, String name, List<Cause> causes, String message)
      implements ApiError {
    public Invalid {
      causes = List.copyOf(causes);
    }

    /// With the message that Kubernetes makes of the causes.
    public static Invalid of(String group, String kind, String name, List<Cause> causes) {
      String all =
          causes.stream()
              .map(cause -> cause.field() + ": " + cause.message())
              .collect(Collectors.joining(", "));
      String shown = kind + (group.isEmpty() ? "" : "." + group);
      String listed = causes.size() == 1 ? all : "[" + all + "]";
      return new Invalid(
          group, kind, name, causes, shown + " \"" + name + "\" is invalid: " + listed);
    }
  }

  /// @param causes what a program may act on, as `DisruptionBudget`; mostly none
  record TooManyRequests(Duration retryAfter, String message, List<Cause> causes)
      implements ApiError {
    public TooManyRequests {
      causes = List.copyOf(causes);
    }

    public TooManyRequests(Duration retryAfter, String message) {
      this(retryAfter, message, List.of());
    }
  }

  record Internal(String message) implements ApiError {}

  /// 501: known to Kubernetes, not built here.
  record NotImplemented(String message) implements ApiError {}

  /// 503: not reachable or not ready; nothing is known of a write that met it.
  record Unavailable(String message) implements ApiError {}

  /// Somebody outside refused, as an admission webhook may, with a code, a reason and details of
  /// its own.
  ///
  /// @param status with a code from 400 to 599
  record Denied(Status status) implements ApiError {
    @Override
    public String message() {
      return status.getMessage();
    }
  }

  /// 504.
  record Timeout(String message) implements ApiError {}
}
