package io.coxswain.client;

/// Carries an [ApiError] up the stack.
public final class ApiException extends RuntimeException {

  private final transient ApiError error;

  public ApiException(ApiError error) {
    super(error.message());
    this.error = error;
  }

  public ApiException(ApiError error, Throwable cause) {
    super(error.message(), cause);
    this.error = error;
  }

  public ApiError error() {
    return error;
  }

  public boolean isNotFound() {
    return error instanceof ApiError.NotFound;
  }

  public boolean isConflict() {
    return error instanceof ApiError.Conflict;
  }

  public boolean isAlreadyExists() {
    return error instanceof ApiError.AlreadyExists;
  }

  public boolean isExpired() {
    return error instanceof ApiError.Expired;
  }

  /// Whether what was to be made would have been in a namespace that is being deleted.
  public boolean isNamespaceTerminating() {
    return error instanceof ApiError.Forbidden refused
        && refused.causes().stream()
            .anyMatch(cause -> cause.type().equals(ApiError.NAMESPACE_TERMINATING));
  }
}
