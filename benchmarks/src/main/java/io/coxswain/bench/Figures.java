package io.coxswain.bench;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// What is made of many measured values.
final class Figures {

  private Figures() {}

  static double median(Collection<Double> values) {
    List<Double> sorted = sorted(values);
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  /// The least value that so many percent of all do not exceed.
  static double percentile(Collection<Double> values, double percent) {
    List<Double> sorted = sorted(values);
    int rank = (int) Math.ceil(percent / 100 * sorted.size());
    return sorted.get(Math.clamp(rank - 1L, 0, sorted.size() - 1));
  }

  private static List<Double> sorted(Collection<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no values");
    }
    return values.stream().sorted().toList();
  }

  /// Three digits that count, as `0.0123`, `1.23`, `123`.
  static String text(double value) {
    if (value == 0) {
      return "0";
    }
    double size = Math.abs(value);
    int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
