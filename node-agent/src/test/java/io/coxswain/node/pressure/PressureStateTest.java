package io.coxswain.node.pressure;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.node.pressure.PressureState.Step;
import io.coxswain.node.pressure.Signal.Observed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PressureStateTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration TRANSITION = Duration.ofMinutes(5);

  private final List<Threshold> thresholds =
      Thresholds.parse(
          "nodefs.available<100,memory.available<10",
          "memory.available<50",
          "memory.available=1m",
          "nodefs.available=40");
  private PressureState state = PressureState.NONE;

  private Step look(int seconds, long memory, long disk) {
    Step step =
        state.look(
            thresholds,
            Map.of(
                Signal.MEMORY, new Observed(memory, 1000),
                Signal.NODEFS, new Observed(disk, 1000)),
            TRANSITION,
            NOON.plusSeconds(seconds));
    state = step.state();
    return step;
  }

  private static List<Signal> due(Step step) {
    return step.due().stream().map(Threshold::signal).toList();
  }

  @Test
  void nothingIsShort() {
    Step step = look(0, 1000, 1000);
    assertThat(step.conditions()).isEmpty();
    assertThat(step.due()).isEmpty();
    assertThat(state).isEqualTo(PressureState.NONE);
  }

  @Test
  void aHardThresholdIsDueAtOnceAndItsConditionStaysForAWhile() {
    Step step = look(0, 1000, 99);
    assertThat(step.conditions()).containsExactly(NodePressure.DISK);
    assertThat(due(step)).containsExactly(Signal.NODEFS);
    step = look(10, 1000, 1000);
    assertThat(step.conditions()).containsExactly(NodePressure.DISK);
    assertThat(step.due()).isEmpty();
    assertThat(look(299, 1000, 1000).conditions()).containsExactly(NodePressure.DISK);
    assertThat(look(300, 1000, 1000).conditions()).isEmpty();
  }

  @Test
  void untilTheMinimumIsReclaimedItGoesOn() {
    assertThat(due(look(0, 1000, 120))).isEmpty();
    assertThat(due(look(10, 1000, 90))).containsExactly(Signal.NODEFS);
    assertThat(due(look(20, 1000, 139))).containsExactly(Signal.NODEFS);
    assertThat(due(look(30, 1000, 140))).isEmpty();
    assertThat(due(look(40, 1000, 139))).isEmpty();
  }

  @Test
  void aSoftThresholdWaitsForItsGraceThoughTheConditionIsTold() {
    Step step = look(0, 40, 1000);
    assertThat(step.conditions()).containsExactly(NodePressure.MEMORY);
    assertThat(step.due()).isEmpty();
    assertThat(due(look(59, 40, 1000))).isEmpty();
    assertThat(due(look(60, 40, 1000))).containsExactly(Signal.MEMORY);
    // a better moment begins it anew
    assertThat(due(look(70, 60, 1000))).isEmpty();
    assertThat(due(look(80, 40, 1000))).isEmpty();
    assertThat(due(look(140, 40, 1000))).containsExactly(Signal.MEMORY);
  }

  @Test
  void memoryComesFirst() {
    assertThat(due(look(0, 5, 99))).containsExactly(Signal.MEMORY, Signal.NODEFS);
    assertThat(look(1, 5, 99).conditions())
        .containsExactlyInAnyOrder(NodePressure.MEMORY, NodePressure.DISK);
  }

  @Test
  void whatCannotBeSeenIsNotShort() {
    Step step = state.look(thresholds, Map.of(), TRANSITION, NOON);
    assertThat(step.conditions()).isEmpty();
    assertThat(step.due()).isEmpty();
  }

  @Test
  void withoutATransitionTheConditionGoesAtOnce() {
    Map<Signal, Observed> bad = Map.of(Signal.NODEFS, new Observed(1, 1000));
    Step step = state.look(thresholds, bad, Duration.ZERO, NOON);
    assertThat(step.conditions()).containsExactly(NodePressure.DISK);
    Map<Signal, Observed> good = Map.of(Signal.NODEFS, new Observed(999, 1000));
    assertThat(step.state().look(thresholds, good, Duration.ZERO, NOON.plusSeconds(1)).conditions())
        .isEmpty();
  }
}
