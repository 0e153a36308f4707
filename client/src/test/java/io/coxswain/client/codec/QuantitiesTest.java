package io.coxswain.client.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0Gi, 0",
    "1, 1",
    "1000, 1k",
    "1000m, 1",
    "0.5, 500m",
    "1.5, 1500m",
    ".5, 500m",
    "5., 5",
    "1500m, 1500m",
    "1024Ki, 1Mi",
    "1.5Gi, 1536Mi",
    "0.5Ki, 512",
    "1000Ki, 1000Ki",
    "1e3, 1e3",
    "12E3, 12e3",
    "1000e3, 1e6",
    "1E, 1E",
    "100n, 100n",
    "0.1n, 1n",
    "-1.5, -1500m",
    "+3, 3",
    "007, 7",
    "1Ti, 1Ti",
    "2000M, 2G",
    "1e-3, 1e-3",
    "9223372036854775807, 9223372036854775807",
    "9223372036854775808, 9223372036854775807",
    "100E, 9223372036854775807",
  })
  void canonicalForm(String text, String canonical) {
    assertThat(Quantities.canonical(text)).isEqualTo(canonical);
    assertThat(Quantities.canonical(canonical)).as("stays").isEqualTo(canonical);
    assertThat(Quantities.of(text).getString()).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "1x",
        "1 Gi",
        "Gi",
        ".",
        "1.2.3",
        "1ki",
        "1KB",
        "e3",
        "1e3.5",
        "--1",
        "1e9999999999"
      })
  void refusesWhatIsNone(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Quantities.parse(text))
        .withMessageContaining("quantities must match the regular expression");
  }

  @Test
  void countsExactly() {
    assertThat(Quantities.milli(Quantities.of("1.5"))).isEqualTo(1500);
    assertThat(Quantities.milli(Quantities.of("100u"))).as("rounded up").isEqualTo(1);
    assertThat(Quantities.whole(Quantities.of("1Gi"))).isEqualTo(1L << 30);
    assertThat(Quantities.whole(Quantities.of("1500m"))).isEqualTo(2);
    assertThat(Quantities.compare(Quantities.of("1024Mi"), Quantities.of("1Gi"))).isZero();
    assertThat(Quantities.compare(Quantities.of("1000m"), Quantities.of("999m"))).isPositive();
    assertThat(Quantities.add(Quantities.of("512Mi"), Quantities.of("0.5Gi")).getString())
        .isEqualTo("1Gi");
    assertThat(Quantities.subtract(Quantities.of("2"), Quantities.of("500m")).getString())
        .isEqualTo("1500m");
    assertThat(Quantities.ofMilli(2500).getString()).isEqualTo("2500m");
    assertThat(Quantities.ofBytes(3L << 20).getString()).isEqualTo("3Mi");
    assertThat(Quantities.ofCount(110).getString()).isEqualTo("110");
    assertThat(Quantities.readableBytes(1536L << 20)).isEqualTo("1.5GiB");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0s",
    "1, 1ns",
    "1500, 1.5µs",
    "250000000, 250ms",
    "1500000000, 1.5s",
    "60000000000, 1m0s",
    "3900000000000, 1h5m0s",
    "-90000000000, -1m30s",
    "-9223372036854775808, -2562047h47m16.854775808s",
  })
  void durationsAsGoPrintsThem(long nanos, String text) {
    assertThat(Times.formatDuration(nanos)).isEqualTo(text);
    assertThat(Times.parseDuration(text))
        .hasValueSatisfying(d -> assertThat(d.toNanos()).isEqualTo(nanos));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "h", "1x", "1h-5m", "99999999h", "1..5s"})
  void refusesWhatIsNoDuration(String text) {
    assertThat(Times.parseDuration(text)).isEmpty();
  }
}
