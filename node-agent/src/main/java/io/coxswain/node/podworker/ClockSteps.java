package io.coxswain.node.podworker;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Notices that the clock was set back. What waits until a moment was to wait for a while: it would
/// wait longer by all that the clock was set back, if its moment did not go along.
final class ClockSteps {

  private Instant before;
  private long nanosBefore;

  /// @param nanos of a clock that runs evenly
  ClockSteps(Instant now, long nanos) {
    before = now;
    nanosBefore = nanos;
  }

  /// What to make of moments that were set before; nothing by far most of the time.
  ///
  /// @param nanos of the same clock, when it is now
  Optional<UnaryOperator<Instant>> seen(Instant now, long nanos) {
    Duration back = Duration.between(now, before).plusNanos(nanos - nanosBefore);
    boolean set = now.isBefore(before);
    before = now;
    nanosBefore = nanos;
    // one that is not ahead is due as it is, or was set after the clock was
    return set
        ? Optional.of(moment ->
            moment.isAfter(now) && moment.isBefore(Instant.MAX) ? moment.minus(back) : moment)
        : Optional.empty();
  }
}
