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
}
