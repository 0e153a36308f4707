package io.coxswain.controlplane.hostile;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/// What was answered.
///
/// @param status 0 when the server gave the request up without one, as HTTP/2 can
/// @param headers by lower-case name, the last one of each
@SuppressWarnings("ArrayRecordComponent") // nobody compares answers
record Answer(int status, Map<String, String> headers, byte[] body) {

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  String header(String name) {
    return headers.getOrDefault(name, "");
  }

  boolean closes() {
    return header("connection").equalsIgnoreCase("close");
  }
}
