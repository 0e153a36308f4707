package io.coxswain.node.host;

import io.coxswain.node.host.ControlGroups.Limit;

/// How the unified hierarchy writes limits: a function.
public final class UnifiedLimits {

  private static final long PERIOD_MICROS = 100_000;
  private static final long LEAST_SHARES = 2;
  private static final long MOST_SHARES = 262_144;
  private static final long MOST_WEIGHT = 10_000;
  private static final double ROUNDING = 1e-9;
  private static final String NONE = "max";

  private UnifiedLimits() {}

  static String file(Limit what) {
    return switch (what) {
      case CPU_SHARES -> "cpu.weight";
      case CPU_QUOTA -> "cpu.max";
      case MEMORY -> "memory.max";
    };
  }

  /// From [2, 262144] to [1, 10000], so that what has a whole processor (1024) weighs as much as
  /// what has no weight of its own (100): the curve of Kubernetes since 1.35 and of the runtimes of
  /// its time (opencontainers/cgroups).
  public static long weight(long shares) {
    if (shares <= LEAST_SHARES) {
      return 1;
    }
    if (shares >= MOST_SHARES) {
      return MOST_WEIGHT;
    }
    double log = Math.log((double) shares) / Math.log(2);
    double exponent = (log * log + 125 * log) / 612 - 7.0 / 34;
    return (long) Math.ceil(Math.pow(10, exponent) - ROUNDING);
  }

  /// The fewest shares that have this weight, or more where none has it.
  static long shares(long weight) {
    long tooFew = LEAST_SHARES - 1;
    long enough = MOST_SHARES;
    while (enough - tooFew > 1) {
      long middle = (tooFew + enough) / 2;
      if (weight(middle) < weight) {
        tooFew = middle;
      } else {
        enough = middle;
      }
    }
    return enough;
  }

  static String max(long quotaMicros) {
    return (quotaMicros < 0 ? NONE : Long.toString(quotaMicros)) + " " + PERIOD_MICROS;
  }

  static String text(Limit what, long value) {
    return switch (what) {
      case CPU_SHARES -> Long.toString(weight(value));
      case CPU_QUOTA -> max(value);
      case MEMORY -> value < 0 ? NONE : Long.toString(value);
    };
  }

  static long read(Limit what, String text) {
    String first = text.split(" ", -1)[0];
    if (first.equals(NONE)) {
      return -1;
    }
    long value = Long.parseLong(first);
    return what == Limit.CPU_SHARES ? shares(value) : value;
  }
}
