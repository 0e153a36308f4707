package io.coxswain.client.queue;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before trying again: doubling from `base` up to `limit`.
///
/// @param jitter share of the delay that is random, 0 to 1, so that many who failed together do not
///   come back together
public record Backoff(Duration base, Duration limit, double jitter) {

  /// For work on one key: 5 ms, doubling to 1000 s.
  public static final Backoff WORK =
      new Backoff(Duration.ofMillis(5), Duration.ofSeconds(1000), 0.0);

  /// For a connection to the API: 100 ms, doubling to 2 s. Short, since a restarted server should
  /// find its clients back before anybody notices.
  public static final Backoff RECONNECT =
      new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), 0.5);

  public Backoff {
    if (base.isNegative() || base.isZero() || limit.compareTo(base) < 0) {
      throw new IllegalArgumentException(
          "back-off needs 0 < base <= limit, not " + base + " and " + limit);
    }
    if (jitter < 0 || jitter > 1) {
      throw new IllegalArgumentException("jitter is a share between 0 and 1, not " + jitter);
    }
  }

  /// The delay after `failures` failures in a row: 1 gives the base.
  public Duration delay(int failures, RandomGenerator random) {
    int doublings = Math.clamp(failures - 1L, 0, 40);
    double nanos = Math.min((double) limit.toNanos(), base.toNanos() * Math.pow(2, doublings));
    return Duration.ofNanos((long) (nanos * (1 - jitter * random.nextDouble())));
  }
}
