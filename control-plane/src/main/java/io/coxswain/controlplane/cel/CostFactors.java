package io.coxswain.controlplane.cel;

import com.google.common.math.LongMath;

/// What Kubernetes counts for the same operation, whether it is estimated ([EstimatedCost]) or was
/// done ([ActualCost]). Which texts a function walks through differs between the two, there too.
final class CostFactors {

  static final int LIST = 10;
  static final int MAP = 30;
  static final int STRUCTURE = 40;

  /// Of each character, or byte.
  static final double WALK = 0.1;

  private static final double PATTERN = 0.25;

  private CostFactors() {}

  /// A text that is walked through.
  static long walk(long size) {
    return (long) Math.ceil(size * WALK);
  }

  /// A regular expression over a text, which may be empty.
  static long pattern(long text, long pattern) {
    return LongMath.saturatedMultiply(
        walk(LongMath.saturatedAdd(text, 1)), (long) Math.ceil(pattern * PATTERN));
  }
}
