package io.coxswain.controlplane.storage;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/// etcd's errors in the store's words.
final class EtcdErrors {

  private EtcdErrors() {}

  /// Whether nothing can be said about what etcd did with the call.
  static boolean isUnknown(StatusRuntimeException failed) {
    return switch (failed.getStatus().getCode()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, INTERNAL, UNKNOWN, ABORTED -> true;
      default -> false;
    };
  }

  /// Whether asking again soon may help.
  static boolean isPassing(StatusRuntimeException failed) {
    return failed.getStatus().getCode() == Status.Code.UNAVAILABLE;
  }

  static StoreException translate(String doing, StatusRuntimeException failed) {
    Status status = failed.getStatus();
    String message = doing + ": etcd says " + status.getCode() + " " + described(status);
    return switch (status.getCode()) {
      case OUT_OF_RANGE -> new StoreException.Compacted(message);
      case INVALID_ARGUMENT -> new StoreException.TooLarge(message, failed);
      case RESOURCE_EXHAUSTED ->
          describes(status, "space exceeded")
              ? new StoreException.Full(
                  message + "; compact and defragment it, then disarm its alarm", failed)
              : describes(status, "larger than max")
                  ? new StoreException.TooLarge(message, failed)
                  : new StoreException.Unavailable(message, failed);
      default -> new StoreException.Unavailable(message, failed);
    };
  }

  /// gRPC describes a refused connection by its whole stack.
  private static String described(Status status) {
    String description = status.getDescription();
    return description == null ? "" : description.lines().findFirst().orElse("");
  }

  private static boolean describes(Status status, String what) {
    String description = status.getDescription();
    return description != null && description.contains(what);
  }
}
