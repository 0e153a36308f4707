package io.coxswain.client.lifecycle;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/// For how long something is to wait: shows the time of day as it was at first, and goes on evenly,
/// whoever sets the machine's clock meanwhile. What others read takes the time of day.
public final class SteadyClock implements InstantSource {

  private final Instant begin;
  private final long beginNanos;
  private final LongSupplier nanos;

  public SteadyClock() {
    this(InstantSource.system(), System::nanoTime);
  }

  SteadyClock(InstantSource timeOfDay, LongSupplier nanos) {
    this.begin = timeOfDay.instant();
    this.beginNanos = nanos.getAsLong();
    this.nanos = nanos;
  }

  @Override
  public Instant instant() {
    return begin.plusNanos(nanos.getAsLong() - beginNanos);
  }
}
