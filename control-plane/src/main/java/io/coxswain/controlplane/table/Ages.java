package io.coxswain.controlplane.table;

import io.coxswain.api.meta.v1.MicroTime;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.client.codec.Times;
import java.time.Duration;
import java.time.Instant;

/// How long something has been so, in the few characters that fit a column.
final class Ages {

  private static final String UNKNOWN = "<unknown>";

  private Ages() {}

  static String since(Time time, Instant now) {
    return time.getSeconds() <= 0 ? UNKNOWN : human(Duration.between(Times.instant(time), now));
  }

  static String since(MicroTime time, Instant now) {
    return time.getSeconds() <= 0 ? UNKNOWN : human(Duration.between(Times.instant(time), now));
  }

  /// Two units at the most, and only where the smaller still says something: `119s`, `5m30s`,
  /// `12m`, `3h20m`, `40h`, `3d4h`, `30d`, `2y5d`, `9y`.
  static String human(Duration age) {
    long seconds = age.toSeconds();
    if (seconds < -1) {
      return "<invalid>";
    }
    if (seconds < 120) {
      return Math.max(0, seconds) + "s";
    }
    long minutes = seconds / 60;
    if (minutes < 10) {
      return minutes + "m" + rest(seconds % 60, "s");
    }
    if (minutes < 180) {
      return minutes + "m";
    }
    long hours = minutes / 60;
    if (hours < 8) {
      return hours + "h" + rest(minutes % 60, "m");
    }
    if (hours < 48) {
      return hours + "h";
    }
    long days = hours / 24;
    if (hours < 24 * 8) {
      return days + "d" + rest(hours % 24, "h");
    }
    if (days < 365 * 2) {
      return days + "d";
    }
    long years = days / 365;
    return days < 365 * 8 ? years + "y" + rest(days % 365, "d") : years + "y";
  }

  private static String rest(long amount, String unit) {
    return amount == 0 ? "" : amount + unit;
  }
}
