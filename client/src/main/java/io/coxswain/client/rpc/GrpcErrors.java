package io.coxswain.client.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import org.jspecify.annotations.Nullable;

/// Between the product's errors and gRPC's: the whole `Status` travels in a trailer, the code
/// beside it is for tools that know only gRPC.
public final class GrpcErrors {

  /// The encoded `Status` of a refusal.
  public static final Metadata.Key<byte[]> STATUS =
      Metadata.Key.of("coxswain-status-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private GrpcErrors() {}

  /// What a server ends a call with.
  public static StatusException of(ApiError error) {
    Metadata trailers = new Metadata();
    trailers.put(STATUS, Statuses.of(error).toByteArray());
    return code(error).withDescription(error.message()).asException(trailers);
  }

  /// What a caller throws when a call ended so.
  public static ApiException exception(Status status, @Nullable Metadata trailers) {
    byte[] encoded = trailers == null ? null : trailers.get(STATUS);
    if (encoded != null) {
      try {
        return new ApiException(Statuses.error(io.coxswain.api.meta.v1.Status.parseFrom(encoded)));
      } catch (InvalidProtocolBufferException e) {
        return new ApiException(
            new ApiError.Internal("the server's error cannot be read: " + status), e);
      }
    }
    return new ApiException(error(status), status.asRuntimeException());
  }

  // A refusal without the trailer does not come from the API but from the connection.
  private static ApiError error(Status status) {
    String text = describe(status);
    return switch (status.getCode()) {
      case DEADLINE_EXCEEDED -> new ApiError.Timeout("the API server did not answer: " + text);
      case UNAUTHENTICATED -> new ApiError.Unauthorized("the API server does not know us: " + text);
      case PERMISSION_DENIED -> new ApiError.Forbidden(text);
      case RESOURCE_EXHAUSTED -> new ApiError.TooLarge(text);
      case UNIMPLEMENTED -> new ApiError.NotImplemented("not an API server of this kind: " + text);
      case UNAVAILABLE, CANCELLED, ABORTED ->
          new ApiError.Unavailable("the API server cannot be reached: " + text);
      case OK,
          UNKNOWN,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          INTERNAL,
          DATA_LOSS ->
          new ApiError.Internal("the API server broke the call: " + text);
    };
  }

  private static String describe(Status status) {
    String text =
        status.getDescription() == null ? status.getCode().name() : status.getDescription();
    Throwable cause = status.getCause();
    return cause == null || cause.getMessage() == null ? text : text + ": " + cause.getMessage();
  }

  private static Status code(ApiError error) {
    return switch (error) {
      case ApiError.BadRequest e -> Status.INVALID_ARGUMENT;
      case ApiError.Invalid e -> Status.INVALID_ARGUMENT;
      case ApiError.NotAcceptable e -> Status.INVALID_ARGUMENT;
      case ApiError.UnsupportedMediaType e -> Status.INVALID_ARGUMENT;
      case ApiError.Unauthorized e -> Status.UNAUTHENTICATED;
      case ApiError.Forbidden e -> Status.PERMISSION_DENIED;
      case ApiError.NotFound e -> Status.NOT_FOUND;
      case ApiError.AlreadyExists e -> Status.ALREADY_EXISTS;
      case ApiError.Conflict e -> Status.ABORTED;
      case ApiError.Expired e -> Status.OUT_OF_RANGE;
      case ApiError.TooLarge e -> Status.RESOURCE_EXHAUSTED;
      case ApiError.TooManyRequests e -> Status.RESOURCE_EXHAUSTED;
      case ApiError.MethodNotAllowed e -> Status.UNIMPLEMENTED;
      case ApiError.NotImplemented e -> Status.UNIMPLEMENTED;
      case ApiError.Internal e -> Status.INTERNAL;
      case ApiError.Unavailable e -> Status.UNAVAILABLE;
      case ApiError.Timeout e -> Status.DEADLINE_EXCEEDED;
      case ApiError.Denied e -> Status.FAILED_PRECONDITION;
    };
  }
}
