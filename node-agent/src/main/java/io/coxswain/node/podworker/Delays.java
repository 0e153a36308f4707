package io.coxswain.node.podworker;

import java.time.Duration;

/// How long a pod waits before it tries again what failed: each time twice as long. One for each
/// thing that can fail; used by one thread.
final class Delays {

  /// A container that ran so long starts afresh.
  static final Duration LONG_RUN = Duration.ofMinutes(10);

  private final Duration first;
  private final Duration most;
  private final int fresh;
  private int failures;

  private Delays(Duration first, Duration most, int fresh, int failures) {
    this.first = first;
    this.most = most;
    this.fresh = fresh;
    this.failures = failures;
  }

  /// Of a container that ends: at once, then 10 s to 5 min.
  static Delays ofRestarts(int before) {
    return new Delays(Duration.ofSeconds(10), Duration.ofMinutes(5), 0, before);
  }

  /// Of an image that is not pulled: 10 s to 5 min.
  static Delays ofPulls() {
    return new Delays(Duration.ofSeconds(10), Duration.ofMinutes(5), 1, 1);
  }

  /// Of what may be put right any moment, as a ConfigMap that is not there yet: 500 ms to 30 s.
  static Delays ofSetUp() {
    return new Delays(Duration.ofMillis(500), Duration.ofSeconds(30), 1, 1);
  }

  /// Of other resources that the kernel does not take now: 5 s to 1 min.
  static Delays ofResizes() {
    return new Delays(Duration.ofSeconds(5), Duration.ofMinutes(1), 1, 1);
  }

  Duration next() {
    Duration delay = after(failures, first, most);
    failures++;
    return delay;
  }

  void reset() {
    failures = fresh;
  }

  static Duration after(int failures, Duration first, Duration most) {
    if (failures == 0) {
      return Duration.ZERO;
    }
    Duration delay = first.multipliedBy(1L << Math.min(failures - 1, 20));
    return delay.compareTo(most) < 0 ? delay : most;
  }
}
