package io.coxswain.kubectl.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AgeTest {

  @ParameterizedTest
  @CsvSource({
    "PT0S,0s",
    "PT119S,119s",
    "PT2M,2m",
    "PT3M20S,3m20s",
    "PT10M5S,10m",
    "PT179M,179m",
    "PT3H,3h",
    "PT5H7M,5h7m",
    "PT9H30M,9h",
    "PT48H,2d",
    "PT50H,2d2h",
    "PT240H,10d",
    "P800D,2y70d"
  })
  void isShort(Duration age, String text) {
    assertThat(Age.of(age)).isEqualTo(text);
  }
}
