package io.coxswain.node.runtime;

/// Why a container was not started.
public final class LaunchException extends Exception {

  private static final long serialVersionUID = 1;

  private final String reason;

  /// @param reason as it stands in the container's state: `CreateContainerConfigError`,
  ///   `CreateContainerError`, `RunContainerError`, `ContainerCannotRun`
  public LaunchException(String reason, String message) {
    super(message);
    this.reason = reason;
  }

  public LaunchException(String reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public String reason() {
    return reason;
  }
}
