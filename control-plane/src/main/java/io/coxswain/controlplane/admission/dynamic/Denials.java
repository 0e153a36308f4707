package io.coxswain.controlplane.admission.dynamic;

import io.coxswain.api.meta.v1.Status;
import io.coxswain.api.meta.v1.StatusCause;
import io.coxswain.api.meta.v1.StatusDetails;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import java.util.List;

/// Refusals by policies, in Kubernetes' words.
final class Denials {

  private Denials() {}

  /// What a validating policy's refusal looks like.
  ///
  /// @param reason which decides the code
  static ApiException invalid(Attempt attempt, String message, String reason) {
    return denied(attempt, forbidden(attempt, message), reason, code(reason), List.of(message));
  }

  /// What a mutating policy's refusal looks like.
  ///
  /// @param messages of which the first is shown
  static ApiException forbidden(Attempt attempt, List<String> messages, String reason) {
    return denied(attempt, messages.getFirst(), reason, 403, messages);
  }

  private static ApiException denied(
      Attempt attempt, String message, String reason, int code, List<String> causes) {
    StatusDetails.Builder details =
        StatusDetails.newBuilder()
            .setName(attempt.name())
            .setGroup(attempt.type().group())
            .setKind(attempt.type().plural());
    causes.forEach(cause -> details.addCauses(StatusCause.newBuilder().setMessage(cause)));
    return new ApiException(
        new ApiError.Denied(
            Status.newBuilder()
                .setStatus("Failure")
                .setCode(code)
                .setReason(reason)
                .setMessage(message)
                .setDetails(details)
                .build()));
  }

  static String forbidden(Attempt attempt, String why) {
    String resource = attempt.type().qualifiedPlural();
    return attempt.name().isEmpty()
        ? resource + " is forbidden: " + why
        : resource + " \"" + attempt.name() + "\" is forbidden: " + why;
  }

  private static int code(String reason) {
    return switch (reason) {
      case "Forbidden" -> 403;
      case "Unauthorized" -> 401;
      case "RequestEntityTooLarge" -> 413;
      default -> 422;
    };
  }
}
