package io.coxswain.kubectl;

/// Ends the command: the message is printed on standard error, and the program exits with the code.
public final class Failure extends RuntimeException {

  private final int code;

  public Failure(String message) {
    this(message, 1);
  }

  public Failure(String message, int code) {
    super(message, null, false, false);
    this.code = code;
  }

  /// What to tell; empty when all was said.
  public String told() {
    return String.valueOf(getMessage());
  }

  public int code() {
    return code;
  }
}
