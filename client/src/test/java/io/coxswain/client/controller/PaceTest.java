package io.coxswain.client.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaceTest {

  @ParameterizedTest
  @CsvSource({"0, 0", "20, 0", "21, 63", "100, 300", "333, 999", "334, 1000", "60000, 1000"})
  void whatTakesLongRests(long spent, long rest) {
    assertThat(Pace.SPARING.rest(Duration.ofMillis(spent))).isEqualTo(Duration.ofMillis(rest));
  }

  @Test
  void othersNever() {
    assertThat(Pace.AT_ONCE.rest(Duration.ofHours(1))).isZero();
  }
}
