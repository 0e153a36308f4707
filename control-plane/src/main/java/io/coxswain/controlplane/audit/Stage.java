package io.coxswain.controlplane.audit;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// How far a request has come when something is told of it.
enum Stage {
  RECEIVED("RequestReceived"),
  /// Only of requests that go on and on, as watches.
  STARTED("ResponseStarted"),
  COMPLETE("ResponseComplete"),
  /// The server failed over it.
  PANIC("Panic");

  private final String text;

  Stage(String text) {
    this.text = text;
  }

  /// As a policy and an event write it.
  String text() {
    return text;
  }

  static Optional<Stage> of(String text) {
    return Arrays.stream(values()).filter(stage -> stage.text.equals(text)).findFirst();
  }

  static List<String> texts() {
    return Arrays.stream(values()).map(Stage::text).toList();
  }
}
