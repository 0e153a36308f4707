package io.coxswain.client.codec;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;

/// Durations in the form that Go prints and reads.
final class GoDuration {

  private static final long MICRO = 1_000;
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000_000_000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;

  private GoDuration() {}

  static String format(long nanos) {
    if (nanos == 0) {
      return "0s";
    }
    BigDecimal size = BigDecimal.valueOf(nanos).abs();
    String sign = nanos < 0 ? "-" : "";
    if (size.compareTo(BigDecimal.valueOf(SECOND)) < 0) {
      long small = size.longValueExact();
      if (small < MICRO) {
        return sign + small + "ns";
      }
      return small < MILLI
          ? sign + decimal(size, MICRO) + "µs"
          : sign + decimal(size, MILLI) + "ms";
    }
    BigDecimal[] hours = size.divideAndRemainder(BigDecimal.valueOf(HOUR));
    BigDecimal[] minutes = hours[1].divideAndRemainder(BigDecimal.valueOf(MINUTE));
    StringBuilder text = new StringBuilder(sign);
    if (hours[0].signum() > 0) {
      text.append(hours[0].toBigInteger()).append('h');
    }
    if (hours[0].signum() > 0 || minutes[0].signum() > 0) {
      text.append(minutes[0].toBigInteger()).append('m');
    }
    return text.append(decimal(minutes[1], SECOND)).append('s').toString();
  }

  private static String decimal(BigDecimal nanos, long unit) {
    BigDecimal value = nanos.divide(BigDecimal.valueOf(unit), 9, RoundingMode.UNNECESSARY);
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }

  /// @throws DateTimeException if the text is no duration
  /// @throws ArithmeticException if it does not fit in nanoseconds
  static long parse(String text) {
    boolean negative = text.startsWith("-");
    int at = negative || text.startsWith("+") ? 1 : 0;
    if (text.substring(at).equals("0")) {
      return 0;
    }
    if (at == text.length() || text.length() > 64) {
      throw new DateTimeException("not a duration: " + text);
    }
    BigDecimal sum = BigDecimal.ZERO;
    while (at < text.length()) {
      int start = at;
      while (at < text.length() && (isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
        at++;
      }
      int unitStart = at;
      while (at < text.length() && !isDigit(text.charAt(at)) && text.charAt(at) != '.') {
        at++;
      }
      BigDecimal unit = BigDecimal.valueOf(unit(text.substring(unitStart, at), text));
      sum = sum.add(number(text.substring(start, unitStart), text).multiply(unit));
    }
    BigDecimal whole = sum.setScale(0, RoundingMode.DOWN);
    return (negative ? whole.negate() : whole).longValueExact();
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static BigDecimal number(String digits, String text) {
    try {
      return new BigDecimal(digits);
    } catch (NumberFormatException e) {
      throw new DateTimeException("not a duration: " + text, e);
    }
  }

  private static long unit(String name, String text) {
    return switch (name) {
      case "ns" -> 1;
      case "us", "µs", "μs" -> MICRO;
      case "ms" -> MILLI;
      case "s" -> SECOND;
      case "m" -> MINUTE;
      case "h" -> HOUR;
      default -> throw new DateTimeException("not a duration: " + text);
    };
  }
}
