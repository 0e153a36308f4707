package io.coxswain.node.volume;

/// What was asked of a volume cannot be had, however often it is tried.
public final class InfeasibleException extends VolumeException {

  private static final long serialVersionUID = 1;

  public InfeasibleException(String message, Throwable cause) {
    super(message, cause);
  }
}
