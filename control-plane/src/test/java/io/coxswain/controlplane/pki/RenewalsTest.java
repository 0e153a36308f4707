package io.coxswain.controlplane.pki;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RenewalsTest {

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-23T12:00:00Z"));
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1);
  private final AtomicInteger looks = new AtomicInteger();
  @AutoClose private final Renewals renewals = new Renewals(now::get, nanos::get);

  @BeforeEach
  void counted() {
    renewals.add(looks::incrementAndGet);
  }

  private void pass(Duration time) {
    now.updateAndGet(before -> before.plus(time));
    nanos.addAndGet(time.toNanos());
  }

  private void set(Duration step) {
    now.updateAndGet(before -> before.plus(step));
  }

  @Test
  void looksEverySixHours() {
    renewals.lookIfDue();
    pass(Duration.ofHours(6).minusSeconds(1));
    renewals.lookIfDue();
    assertThat(looks).hasValue(0);
    pass(Duration.ofSeconds(1));
    renewals.lookIfDue();
    renewals.lookIfDue();
    assertThat(looks).hasValue(1);
    pass(Duration.ofHours(6));
    renewals.lookIfDue();
    assertThat(looks).hasValue(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-PT14H", "-PT61S", "PT61S", "P700D"})
  void looksOnceWhenTheClockWasSet(Duration step) {
    pass(Duration.ofHours(3));
    set(step);
    renewals.lookIfDue();
    assertThat(looks).hasValue(1);
    pass(Duration.ofHours(5));
    renewals.lookIfDue();
    assertThat(looks).as("and from then on after six hours").hasValue(1);
    pass(Duration.ofHours(1));
    renewals.lookIfDue();
    assertThat(looks).hasValue(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-PT30S", "PT30S"})
  void aClockThatIsLedSlowlyIsNotSet(Duration step) {
    pass(Duration.ofHours(3));
    set(step);
    renewals.lookIfDue();
    assertThat(looks).hasValue(0);
  }

  @Test
  void whatFailsKeepsNothingElseFromBeingMade() {
    AtomicInteger after = new AtomicInteger();
    renewals.add(() -> {
      throw new IOException("disk full");
    });
    renewals.add(() -> {
      throw new IllegalStateException("bad");
    });
    renewals.add(after::incrementAndGet);
    pass(Duration.ofHours(6));
    renewals.lookIfDue();
    assertThat(looks).hasValue(1);
    assertThat(after).hasValue(1);
  }
}
