package io.coxswain.node.podworker;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.node.podworker.ContainerView.Stopping;
import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ClockStepsTest {

  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
  private static final long NANOS = Long.MAX_VALUE - 1;

  private final ClockSteps steps = new ClockSteps(NOON, NANOS);

  private UnaryOperator<Instant> after(Duration passed, Duration step) {
    return seen(NOON.plus(passed).plus(step), passed);
  }

  private UnaryOperator<Instant> seen(Instant now, Duration passed) {
    return steps.seen(now, NANOS + passed.toNanos()).orElse(UnaryOperator.identity());
  }

  @Test
  void momentsStayWhileTheClockGoesOn() {
    assertThat(after(Duration.ofSeconds(10), Duration.ZERO).apply(NOON.plusSeconds(30)))
        .isEqualTo(NOON.plusSeconds(30));
    assertThat(after(Duration.ofSeconds(10), Duration.ofHours(1)).apply(NOON.plusSeconds(7200)))
        .as("set forward, a wait is only shorter")
        .isEqualTo(NOON.plusSeconds(7200));
  }

  @Test
  void whatIsWaitedForGoesBackWithTheClock() {
    UnaryOperator<Instant> moved = after(Duration.ofSeconds(10), Duration.ofHours(-1));

    assertThat(moved.apply(NOON.plusSeconds(30)))
        .as("in 20 seconds from now")
        .isEqualTo(NOON.minusSeconds(3600).plusSeconds(30));
    assertThat(moved.apply(Instant.MAX)).isEqualTo(Instant.MAX);
    assertThat(moved.apply(Instant.EPOCH)).isEqualTo(Instant.EPOCH);
    assertThat(moved.apply(NOON.minusSeconds(3590)))
        .as("set since the clock was")
        .isEqualTo(NOON.minusSeconds(3590));
    assertThat(seen(NOON.minusSeconds(3580), Duration.ofSeconds(20)).apply(NOON))
        .as("once")
        .isEqualTo(NOON);
  }

  @Test
  void aContainerThatIsStoppingHasTheRestOfItsGracePeriod() {
    Stopping stopping = new Stopping(NOON, 30, true, true, Instant.MAX);

    assertThat(stopping.clockSet(after(Duration.ofSeconds(10), Duration.ofHours(-1))))
        .isEqualTo(new Stopping(NOON.minusSeconds(3600), 30, true, true, Instant.MAX));
  }
}
