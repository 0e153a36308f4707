package io.coxswain.node.volume;

/// Why a volume is not ready. The message names the volume and what it lacks, as `volume "config":
/// ConfigMap "app" not found`; it becomes the event FailedMount. Trying again later may help.
public sealed class VolumeException extends Exception permits InfeasibleException {

  private static final long serialVersionUID = 1;

  public VolumeException(String message) {
    super(message);
  }

  public VolumeException(String message, Throwable cause) {
    super(message, cause);
  }
}
