package io.coxswain.node.stream;

import io.coxswain.client.codec.JsonTrees;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The last word of a stream: a Kubernetes `Status` as JSON.
final class StreamStatus {

  private StreamStatus() {}

  static byte[] success() {
    return json(Map.of("metadata", Map.of(), "status", "Success"));
  }

  static byte[] exited(int code) {
    if (code == 0) {
      return success();
    }
    Map<String, Object> status = failed("command terminated with exit code " + code);
    status.put("reason", "NonZeroExitCode");
    status.put(
        "details",
        Map.of("causes", List.of(Map.of("reason", "ExitCode", "message", String.valueOf(code)))));
    return json(status);
  }

  static byte[] refused(StreamRefused refusal) {
    Map<String, Object> status = failed(String.valueOf(refusal.getMessage()));
    status.put("reason", refusal.reason());
    status.put("code", refusal.code());
    return json(status);
  }

  private static Map<String, Object> failed(String message) {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("metadata", Map.of());
    status.put("status", "Failure");
    status.put("message", message);
    return status;
  }

  private static byte[] json(Map<String, Object> status) {
    return JsonTrees.bytes(status);
  }
}
