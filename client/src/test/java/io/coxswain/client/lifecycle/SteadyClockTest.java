package io.coxswain.client.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SteadyClockTest {

  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

  private final AtomicReference<Instant> timeOfDay = new AtomicReference<>(NOON);
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1);
  private final SteadyClock clock = new SteadyClock(timeOfDay::get, nanos::get);

  @Test
  void goesOnEvenlyWhateverTheTimeOfDayIsSetTo() {
    assertThat(clock.instant()).isEqualTo(NOON);
    timeOfDay.set(NOON.minusSeconds(3600));
    assertThat(clock.instant()).isEqualTo(NOON);
    nanos.addAndGet(5_000_000_000L);
    assertThat(clock.instant()).isEqualTo(NOON.plusSeconds(5));
    timeOfDay.set(NOON.plusSeconds(3600));
    assertThat(clock.instant()).isEqualTo(NOON.plusSeconds(5));
  }
}
