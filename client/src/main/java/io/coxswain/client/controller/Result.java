package io.coxswain.client.controller;

import java.time.Duration;

/// When to look at a key again.
public sealed interface Result {

  /// Not before something changes.
  record Done() implements Result {}

  /// After this long, though nothing changes.
  record After(Duration delay) implements Result {}

  /// With growing delays, as after a failure.
  record Retry() implements Result {}

  static Result done() {
    return new Done();
  }

  static Result after(Duration delay) {
    return new After(delay);
  }

  static Result retry() {
    return new Retry();
  }
}
