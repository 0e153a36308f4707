package io.coxswain.controlplane.controller.framework;

import io.coxswain.api.intstr.IntOrString;

/// A number of replicas given as such or as a share of all: `2` or `25%`.
public final class IntOrPercent {

  private static final long STRING = 1;

  private IntOrPercent() {}

  /// A share is rounded up: 25% of 5 is 2.
  ///
  /// @throws IllegalArgumentException if it is neither a number nor a percentage
  public static int ceiling(IntOrString value, int total) {
    return isShare(value)
        ? Math.toIntExact(Math.ceilDiv(share(value) * total, 100L))
        : number(value);
  }

  /// A share is rounded down: 25% of 5 is 1.
  ///
  /// @throws IllegalArgumentException if it is neither a number nor a percentage
  public static int floor(IntOrString value, int total) {
    return isShare(value)
        ? Math.toIntExact(Math.floorDiv(share(value) * total, 100L))
        : number(value);
  }

  /// Whether it is a share of something, and not a number by itself.
  public static boolean isShare(IntOrString value) {
    return value.getType() == STRING;
  }

  private static int number(IntOrString value) {
    return value.getIntVal();
  }

  private static long share(IntOrString value) {
    String text = value.getStrVal();
    if (!text.endsWith("%")) {
      throw new IllegalArgumentException("\"" + text + "\" is neither a number nor a percentage");
    }
    try {
      return Long.parseLong(text.substring(0, text.length() - 1));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("\"" + text + "\" is not a percentage", e);
    }
  }
}
