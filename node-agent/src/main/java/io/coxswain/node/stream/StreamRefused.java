package io.coxswain.node.stream;

/// A stream that cannot be served; the message is for a person.
final class StreamRefused extends Exception {

  private static final long serialVersionUID = 1;

  private final int code;
  private final String reason;

  private StreamRefused(int code, String reason, String message) {
    super(message);
    this.code = code;
    this.reason = reason;
  }

  static StreamRefused notFound(String message) {
    return new StreamRefused(404, "NotFound", message);
  }

  static StreamRefused badRequest(String message) {
    return new StreamRefused(400, "BadRequest", message);
  }

  static StreamRefused tooManyRequests(String message) {
    return new StreamRefused(429, "TooManyRequests", message);
  }

  static StreamRefused internal(String message) {
    return new StreamRefused(500, "InternalError", message);
  }

  int code() {
    return code;
  }

  String reason() {
    return reason;
  }
}
