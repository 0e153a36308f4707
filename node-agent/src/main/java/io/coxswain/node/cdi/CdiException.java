package io.coxswain.node.cdi;

/// What a CDI device is cannot be said: for a person.
public final class CdiException extends Exception {

  private static final long serialVersionUID = 1;

  public CdiException(String message) {
    super(message);
  }

  public CdiException(String message, Throwable cause) {
    super(message, cause);
  }
}
