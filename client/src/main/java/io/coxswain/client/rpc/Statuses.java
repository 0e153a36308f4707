package io.coxswain.client.rpc;

import io.coxswain.api.meta.v1.ListMeta;
import io.coxswain.api.meta.v1.Status;
import io.coxswain.api.meta.v1.StatusCause;
import io.coxswain.api.meta.v1.StatusDetails;
import io.coxswain.client.ApiError;
import java.time.Duration;
import java.util.List;

/// Between the product's errors and Kubernetes' `Status`: the one place that knows HTTP codes and
/// reasons.
public final class Statuses {

  private Statuses() {}

  /// What a client of REST or gRPC is told.
  public static Status of(ApiError error) {
    return switch (error) {
      case ApiError.BadRequest e -> status(400, "BadRequest", e.message()).build();
      case ApiError.Unauthorized e -> status(401, "Unauthorized", e.message()).build();
      case ApiError.Forbidden e ->
          status(403, "Forbidden", e.message())
              .setDetails(withCauses(StatusDetails.newBuilder(), e.causes()))
              .build();
      case ApiError.NotFound e ->
          status(404, "NotFound", e.message())
              .setDetails(details(e.group(), e.plural(), e.name()))
              .build();
      case ApiError.MethodNotAllowed e -> status(405, "MethodNotAllowed", e.message()).build();
      case ApiError.NotAcceptable e -> status(406, "NotAcceptable", e.message()).build();
      case ApiError.AlreadyExists e ->
          status(409, "AlreadyExists", e.message())
              .setDetails(details(e.group(), e.plural(), e.name()))
              .build();
      case ApiError.Conflict e ->
          status(409, "Conflict", e.message())
              .setDetails(
                  withCauses(details(e.group(), e.plural(), e.name()).toBuilder(), e.causes()))
              .build();
      case ApiError.Expired e ->
          e.continueToken().isEmpty()
              ? status(410, "Expired", e.message()).build()
              : status(410, "Expired", e.message())
                  .setMetadata(ListMeta.newBuilder().setContinue(e.continueToken()))
                  .build();
      case ApiError.TooLarge e -> status(413, "RequestEntityTooLarge", e.message()).build();
      case ApiError.UnsupportedMediaType e ->
          status(415, "UnsupportedMediaType", e.message()).build();
      case ApiError.Invalid e -> status(422, "Invalid", e.message()).setDetails(details(e)).build();
      case ApiError.TooManyRequests e ->
          status(429, "TooManyRequests", e.message())
              .setDetails(
                  withCauses(
                      StatusDetails.newBuilder()
                          .setRetryAfterSeconds((int) Math.max(1, e.retryAfter().toSeconds())),
                      e.causes()))
              .build();
      case ApiError.Internal e -> status(500, "InternalError", e.message()).build();
      case ApiError.NotImplemented e -> status(501, "NotImplemented", e.message()).build();
      case ApiError.Unavailable e -> status(503, "ServiceUnavailable", e.message()).build();
      case ApiError.Denied e -> e.status();
      case ApiError.Timeout e -> status(504, "Timeout", e.message()).build();
    };
  }

  /// What a server told.
  public static ApiError error(Status status) {
    String message = status.getMessage();
    StatusDetails details = status.getDetails();
    return switch (status.getCode()) {
      case 400 -> new ApiError.BadRequest(message);
      case 401 -> new ApiError.Unauthorized(message);
      case 403 -> new ApiError.Forbidden(message, causes(details));
      case 404 ->
          new ApiError.NotFound(details.getGroup(), details.getKind(), details.getName(), message);
      case 405 -> new ApiError.MethodNotAllowed(message);
      case 406 -> new ApiError.NotAcceptable(message);
      case 409 ->
          status.getReason().equals("AlreadyExists")
              ? new ApiError.AlreadyExists(
                  details.getGroup(), details.getKind(), details.getName(), message)
              : new ApiError.Conflict(
                  details.getGroup(),
                  details.getKind(),
                  details.getName(),
                  message,
                  causes(details));
      case 410 -> new ApiError.Expired(message, status.getMetadata().getContinue());
      case 413 -> new ApiError.TooLarge(message);
      case 415 -> new ApiError.UnsupportedMediaType(message);
      case 422 ->
          new ApiError.Invalid(
              details.getGroup(), details.getKind(), details.getName(), causes(details), message);
      case 429 ->
          new ApiError.TooManyRequests(
              Duration.ofSeconds(Math.max(1, details.getRetryAfterSeconds())),
              message,
              causes(details));
      case 501 -> new ApiError.NotImplemented(message);
      case 503 -> new ApiError.Unavailable(message);
      case 504 -> new ApiError.Timeout(message);
      default ->
          status.getCode() > 400 && status.getCode() < 500
              ? new ApiError.Denied(status)
              : new ApiError.Internal(message);
    };
  }

  private static Status.Builder status(int code, String reason, String message) {
    return Status.newBuilder()
        .setStatus("Failure")
        .setCode(code)
        .setReason(reason)
        .setMessage(message);
  }

  // Kubernetes puts the resource's plural into `kind` here.
  private static StatusDetails details(String group, String plural, String name) {
    return StatusDetails.newBuilder().setGroup(group).setKind(plural).setName(name).build();
  }

  private static StatusDetails details(ApiError.Invalid error) {
    StatusDetails.Builder details =
        StatusDetails.newBuilder()
            .setGroup(error.group())
            .setKind(error.kind())
            .setName(error.name());
    return withCauses(details, error.causes());
  }

  private static StatusDetails withCauses(
      StatusDetails.Builder details, List<ApiError.Cause> causes) {
    for (ApiError.Cause cause : causes) {
      details.addCauses(
          StatusCause.newBuilder()
              .setReason(cause.type())
              .setField(cause.field())
              .setMessage(cause.message()));
    }
    return details.build();
  }

  private static List<ApiError.Cause> causes(StatusDetails details) {
    return details.getCausesList().stream()
        .map(cause -> new ApiError.Cause(cause.getReason(), cause.getField(), cause.getMessage()))
        .toList();
  }
}
