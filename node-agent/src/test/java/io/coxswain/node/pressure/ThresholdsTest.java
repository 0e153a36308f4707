package io.coxswain.node.pressure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.node.pressure.Signal.Observed;
import io.coxswain.node.pressure.Threshold.Amount;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ThresholdsTest {

  @Test
  void theDefaultsAreTheKubelets() {
    assertThat(PressureOptions.DEFAULT.thresholds())
        .containsExactly(
            hard(Signal.MEMORY, new Amount.Units(100 << 20)),
            hard(Signal.ALLOCATABLE_MEMORY, new Amount.Units(100 << 20)),
            hard(Signal.NODEFS, new Amount.Share(0.10)),
            hard(Signal.NODEFS_INODES, new Amount.Share(0.05)),
            hard(Signal.IMAGEFS, new Amount.Share(0.15)),
            hard(Signal.IMAGEFS_INODES, new Amount.Share(0.05)));
  }

  private static Threshold hard(Signal signal, Amount amount) {
    return new Threshold(signal, amount, Duration.ZERO, Optional.empty());
  }

  @Test
  void softOnesHaveAGraceAndBothAMinimum() {
    List<Threshold> thresholds =
        Thresholds.parse(
            "pid.available<5000",
            "memory.available<1.5Gi, nodefs.available<20%",
            "memory.available=1m30s,nodefs.available=0s",
            "pid.available=10,nodefs.available=5%");
    assertThat(thresholds)
        .containsExactly(
            new Threshold(
                Signal.PID,
                new Amount.Units(5000),
                Duration.ZERO,
                Optional.of(new Amount.Units(10))),
            new Threshold(
                Signal.MEMORY,
                new Amount.Units(3L << 29),
                Duration.ofSeconds(90),
                Optional.empty()),
            new Threshold(
                Signal.NODEFS,
                new Amount.Share(0.2),
                Duration.ZERO,
                Optional.of(new Amount.Share(0.05))));
  }

  @Test
  void noneIsSaidByNothingOrAllOrNothingOfIt() {
    assertThat(Thresholds.parse("", "", "", "")).isEmpty();
    assertThat(Thresholds.parse("nodefs.available<0%,memory.available<100%", "", "", "")).isEmpty();
    assertThat(Thresholds.parse("containerfs.available<10%", "", "", "")).isEmpty();
  }

  record Wrong(String hard, String soft, String grace, String reclaim, String said) {}

  static Stream<Wrong> wrong() {
    return Stream.of(
        new Wrong("memory.available", "", "", "", "--eviction-hard: \"memory.available\" is not"),
        new Wrong("disk<1", "", "", "", "unsupported eviction signal disk"),
        new Wrong("allocatableMemory.available<1", "", "", "", "unsupported eviction signal"),
        new Wrong("memory.available<lots", "", "", "", "--eviction-hard: memory.available"),
        new Wrong("memory.available<0", "", "", "", "must be positive"),
        new Wrong("nodefs.available<110%", "", "", "", "between 0% and 100%"),
        new Wrong("nodefs.available<x%", "", "", "", "is no share"),
        new Wrong("", "memory.available<1Gi", "", "", "grace period must be specified"),
        new Wrong("", "memory.available<1Gi", "memory.available=soon", "", "is no duration"),
        new Wrong("memory.available<1", "", "", "memory.available=-1", "is negative"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void whatIsWrongIsNamed(Wrong wrong) {
    assertThatThrownBy(
            () -> Thresholds.parse(wrong.hard(), wrong.soft(), wrong.grace(), wrong.reclaim()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(wrong.said());
  }

  @Test
  void aShareIsOfTheCapacityAndAMinimumComesOnTop() {
    Threshold threshold =
        new Threshold(
            Signal.NODEFS, new Amount.Share(0.1), Duration.ZERO, Optional.of(new Amount.Units(50)));
    assertThat(threshold.isMet(new Observed(99, 1000), false)).isTrue();
    assertThat(threshold.isMet(new Observed(100, 1000), false)).isFalse();
    assertThat(threshold.isMet(new Observed(149, 1000), true)).isTrue();
    assertThat(threshold.isMet(new Observed(150, 1000), true)).isFalse();
  }
}
