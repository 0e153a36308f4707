package io.coxswain.node.image;

/// Why an image is not there.
public final class ImageException extends Exception {

  private static final long serialVersionUID = 1;

  /// Kubernetes' waiting reasons.
  public enum Reason {
    /// The reference breaks the rules: trying again does not help.
    INVALID_NAME("InvalidImageName"),
    /// The image is not here, and is not to be pulled.
    NEVER_PULL("ErrImageNeverPull"),
    /// The registry refused, was not reachable, or what it sent is wrong.
    PULL("ErrImagePull");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    /// As it stands in a container's waiting state.
    public String text() {
      return text;
    }
  }

  private final Reason reason;

  public ImageException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public ImageException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
