package io.coxswain.client.leader;

import java.time.Duration;

/// What is campaigned for, by whom, and how fast.
///
/// @param identity unique among candidates, also across restarts, as `host_uuid`
/// @param leaseDuration how long others wait after the last renewal before they take over
/// @param renewDeadline how long the leader tries to renew before it gives up; shorter than the
///   lease, so that it has stopped before another begins
/// @param retryPeriod between tries
public record LeaderElection(
    String namespace,
    String name,
    String identity,
    Duration leaseDuration,
    Duration renewDeadline,
    Duration retryPeriod) {

  public LeaderElection {
    if (leaseDuration.compareTo(renewDeadline) <= 0
        || renewDeadline.compareTo(retryPeriod) <= 0
        || retryPeriod.isNegative()
        || retryPeriod.isZero()) {
      throw new IllegalArgumentException(
          "leader election needs lease > renew deadline > retry > 0, not "
              + leaseDuration
              + ", "
              + renewDeadline
              + ", "
              + retryPeriod);
    }
  }

  /// Between renewals that succeed: a leader has the other half of its deadline to try again in.
  Duration renewPeriod() {
    Duration half = renewDeadline.dividedBy(2);
    return half.compareTo(retryPeriod) > 0 ? half : retryPeriod;
  }

  /// For a candidate that can have no rival, since nobody else reaches the store: 60 s lease, given
  /// up after 40 s, so that it costs a write every 20 s. Its identity must be the same after a
  /// restart, so that the lease is taken up at once.
  public LeaderElection unrivalled() {
    return new LeaderElection(
        namespace,
        name,
        identity,
        Duration.ofSeconds(60),
        Duration.ofSeconds(40),
        Duration.ofSeconds(2));
  }

  /// 15 s lease, given up after 10 s, tried every 2 s.
  public static LeaderElection of(String namespace, String name, String identity) {
    return new LeaderElection(
        namespace,
        name,
        identity,
        Duration.ofSeconds(15),
        Duration.ofSeconds(10),
        Duration.ofSeconds(2));
  }
}
