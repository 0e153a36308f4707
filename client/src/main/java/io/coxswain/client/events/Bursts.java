package io.coxswain.client.events;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/// Keeps one noisy object from flooding the API: 25 events at once, then one every five minutes.
/// Used by one thread.
final class Bursts {

  private static final double BURST = 25;
  private static final Duration REFILL = Duration.ofMinutes(5);

  private record Tokens(double left, Instant at) {

    double leftAt(Instant now) {
      double refilled =
          (double) Math.max(0, Duration.between(at, now).toMillis()) / REFILL.toMillis();
      return Math.min(BURST, left + refilled);
    }
  }

  private final Map<String, Tokens> byObject;

  Bursts(int remembered) {
    byObject = LatelyUsed.map(remembered);
  }

  boolean allow(String object, Instant now) {
    Tokens tokens = byObject.getOrDefault(object, new Tokens(BURST, now));
    double left = tokens.leftAt(now);
    boolean allowed = left >= 1;
    byObject.put(object, new Tokens(allowed ? left - 1 : left, now));
    return allowed;
  }

  /// Lets go of objects that may report as much as one never heard of.
  void forget(Instant now) {
    byObject.values().removeIf(tokens -> tokens.leftAt(now) >= BURST);
  }

  int size() {
    return byObject.size();
  }
}
