package io.coxswain.scheduler.framework;

import java.util.Arrays;

/// Raw figures made comparable between rules.
public final class Scores {

  private Scores() {}

  /// The largest figure becomes the best score, zero stays zero.
  public static double[] moreIsBetter(double[] raw) {
    double largest = Arrays.stream(raw).max().orElse(0);
    return largest <= 0
        ? new double[raw.length]
        : Arrays.stream(raw)
            .map(value -> Math.max(0, value) * ScorePlugin.BEST / largest)
            .toArray();
  }

  /// Zero becomes the best score, the largest figure zero.
  public static double[] fewerIsBetter(double[] raw) {
    double largest = Arrays.stream(raw).max().orElse(0);
    double[] scores = new double[raw.length];
    for (int i = 0; i < raw.length; i++) {
      scores[i] =
          largest <= 0 ? ScorePlugin.BEST : ScorePlugin.BEST * (1 - Math.max(0, raw[i]) / largest);
    }
    return scores;
  }

  /// The smallest figure becomes zero and the largest the best score, whatever their signs.
  public static double[] stretched(double[] raw) {
    double least = Arrays.stream(raw).min().orElse(0);
    double most = Arrays.stream(raw).max().orElse(0);
    return most == least
        ? new double[raw.length]
        : Arrays.stream(raw).map(v -> (v - least) * ScorePlugin.BEST / (most - least)).toArray();
  }
}
