package io.coxswain.node.host;

import io.coxswain.node.host.ControlGroups.Limit;

/// How the unified hierarchy writes limits: a function.
final class UnifiedLimits {

  private static final long PERIOD_MICROS = 100_000;
  private static final String NONE = "max";

  private UnifiedLimits() {}

  static String file(Limit what) {
    return switch (what) {
      case CPU_SHARES -> "cpu.weight";
      case CPU_QUOTA -> "cpu.max";
      case MEMORY -> "memory.max";
    };
  }

  /// The field's usual line from [2, 262144] to [1, 10000].
  static long weight(long shares) {
    return 1 + (shares - 2) * 9999 / 262142;
  }

  /// The fewest shares that have this weight.
  static long shares(long weight) {
    return 2 + ((weight - 1) * 262142 + 9998) / 9999;
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
