package io.coxswain.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FiguresTest {

  private static List<Double> oneToHundred() {
    List<Double> values = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      values.add((double) i);
    }
    Collections.reverse(values);
    return values;
  }

  @Test
  void aMedianIsTheMiddleOrTheMeanOfTheTwoInIt() {
    assertThat(Figures.median(List.of(9.0, 1.0, 2.0))).isEqualTo(2.0);
    assertThat(Figures.median(List.of(4.0, 1.0, 2.0, 9.0))).isEqualTo(3.0);
    assertThatThrownBy(() -> Figures.median(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPercentileIsOneOfTheValues() {
    assertThat(Figures.percentile(oneToHundred(), 50)).isEqualTo(50);
    assertThat(Figures.percentile(oneToHundred(), 99)).isEqualTo(99);
    assertThat(Figures.percentile(oneToHundred(), 100)).isEqualTo(100);
    assertThat(Figures.percentile(List.of(7.0), 99)).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({"0,0", "123.4,123", "12.34,12.3", "1.234,1.23", "0.1234,0.123", "0.01234,0.0123"})
  void textHasThreeDigitsThatCount(double value, String text) {
    assertThat(Figures.text(value)).isEqualTo(text);
  }

  @Test
  void aTableIsAlignedMarkdown() {
    Report.Table table = new Report.Table("who", "s");
    table.row("Coxswain", "1.00");
    assertThat(table.markdown())
        .isEqualTo(
            """
            | who      | s    |
            | -------- | ---- |
            | Coxswain | 1.00 |
            """);
  }
}
