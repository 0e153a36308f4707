package io.coxswain.client.codec;

import io.coxswain.client.codec.Quantities.Amount;
import io.coxswain.client.codec.Quantities.Format;
import java.math.BigDecimal;
import java.math.RoundingMode;

/// Reads amounts as [Quantities] does, without the API's messages: for a command line tool, which
/// stays small without them.
public final class QuantityText {

  static final int FINEST = 9;
  static final int LONGEST = 256;
  static final BigDecimal MAXIMUM = BigDecimal.valueOf(Long.MAX_VALUE);
  static final BigDecimal KIBI = BigDecimal.valueOf(1024);
  static final String BINARY_LETTERS = "KMGTPE";

  static final String[] DECIMAL_SUFFIXES = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};

  private QuantityText() {}

  /// @throws IllegalArgumentException saying what a quantity looks like
  public static Amount parse(String text) {
    int length = text.length();
    int digitsEnd = 0;
    if (digitsEnd < length && (text.charAt(0) == '+' || text.charAt(0) == '-')) {
      digitsEnd++;
    }
    int start = digitsEnd;
    int points = 0;
    while (digitsEnd < length
        && (isDigit(text.charAt(digitsEnd)) || text.charAt(digitsEnd) == '.')) {
      points += text.charAt(digitsEnd) == '.' ? 1 : 0;
      digitsEnd++;
    }
    if (digitsEnd - start <= points || points > 1 || length > LONGEST) {
      throw malformed();
    }
    BigDecimal number = new BigDecimal(text.substring(0, digitsEnd));
    String suffix = text.substring(digitsEnd);
    if (suffix.length() == 2 && suffix.charAt(1) == 'i') {
      int power = BINARY_LETTERS.indexOf(suffix.charAt(0)) + 1;
      if (power == 0) {
        throw malformed();
      }
      BigDecimal value = number.multiply(KIBI.pow(power));
      // less than one cannot be written with a binary suffix
      boolean fraction = value.signum() > 0 && value.compareTo(BigDecimal.ONE) < 0;
      return new Amount(bounded(value), fraction ? Format.DECIMAL : Format.BINARY);
    }
    if (suffix.length() > 1 && (suffix.charAt(0) == 'e' || suffix.charAt(0) == 'E')) {
      return new Amount(bounded(number.scaleByPowerOfTen(exponent(suffix))), Format.EXPONENT);
    }
    for (int i = 0; i < DECIMAL_SUFFIXES.length; i++) {
      if (DECIMAL_SUFFIXES[i].equals(suffix)) {
        return new Amount(bounded(number.scaleByPowerOfTen(3 * i - FINEST)), Format.DECIMAL);
      }
    }
    throw malformed();
  }

  private static int exponent(String suffix) {
    try {
      int exponent = Integer.parseInt(suffix.substring(1));
      if (Math.abs((long) exponent) > LONGEST) {
        throw malformed();
      }
      return exponent;
    } catch (NumberFormatException e) {
      throw malformed();
    }
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException(
        "quantities must match the regular expression"
            + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  }

  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  static BigDecimal bounded(BigDecimal value) {
    BigDecimal whole = value.scale() > FINEST ? value.setScale(FINEST, RoundingMode.UP) : value;
    if (whole.compareTo(MAXIMUM) > 0) {
      return MAXIMUM;
    }
    return whole.compareTo(MAXIMUM.negate()) < 0 ? MAXIMUM.negate() : whole;
  }
}
