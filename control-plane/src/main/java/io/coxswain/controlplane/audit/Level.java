package io.coxswain.controlplane.audit;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// How much is told of a request; each says all that the ones before it say.
enum Level {
  NONE("None"),
  METADATA("Metadata"),
  /// With what was sent.
  REQUEST("Request"),
  /// With what was answered.
  REQUEST_RESPONSE("RequestResponse");

  private final String text;

  Level(String text) {
    this.text = text;
  }

  /// As a policy writes it.
  String text() {
    return text;
  }

  static Optional<Level> of(String text) {
    return Arrays.stream(values()).filter(level -> level.text.equals(text)).findFirst();
  }

  static List<String> texts() {
    return Arrays.stream(values()).map(Level::text).toList();
  }

  boolean tellsRequests() {
    return compareTo(REQUEST) >= 0;
  }

  boolean tellsAnswers() {
    return this == REQUEST_RESPONSE;
  }
}
