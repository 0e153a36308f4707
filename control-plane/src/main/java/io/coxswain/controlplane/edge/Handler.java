package io.coxswain.controlplane.edge;

/// Answers requests. Runs on a virtual thread of its own and may block.
@FunctionalInterface
public interface Handler {

  /// Answers the exchange. When it returns without an answer, or throws, the client sees a bare
  /// 500.
  void handle(Exchange exchange) throws Exception;

  /// Whether the body of such a request is handed on while it comes, by [Exchange#bodyStream], and
  /// has no limit of size. Asked on the event loop as soon as the head is there: must not block.
  ///
  /// @param path as sent, without the query
  default boolean streams(String method, String path) {
    return false;
  }

  /// Says on the way out that the request itself is not acceptable HTTP, before it reached
  /// [#handle]: the answer's body for a status of 4xx.
  default byte[] refusal(int status, String message) {
    return (message + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  default String refusalContentType() {
    return "text/plain";
  }
}
