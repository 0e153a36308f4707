package io.coxswain.node.image;

import java.io.IOException;

/// A registry that answered no. The message is for the pod's author.
final class RegistryException extends IOException {

  private static final long serialVersionUID = 1;

  private final int status;

  /// @param status of HTTP; 0 when the answer itself made no sense
  RegistryException(int status, String message) {
    super(message);
    this.status = status;
  }

  /// Whether other credentials may help.
  boolean isDenied() {
    return status == 401 || status == 403;
  }

  /// Whether the same question may get another answer soon.
  boolean isPassing() {
    return status == 408 || status == 425 || status == 429 || status >= 500;
  }
}
