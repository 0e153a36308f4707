package io.coxswain.client.codec;

import static io.coxswain.client.codec.QuantityText.BINARY_LETTERS;
import static io.coxswain.client.codec.QuantityText.DECIMAL_SUFFIXES;
import static io.coxswain.client.codec.QuantityText.FINEST;
import static io.coxswain.client.codec.QuantityText.KIBI;
import static io.coxswain.client.codec.QuantityText.LONGEST;
import static io.coxswain.client.codec.QuantityText.MAXIMUM;
import static io.coxswain.client.codec.QuantityText.bounded;
import static io.coxswain.client.codec.QuantityText.isDigit;

import io.coxswain.api.resource.Quantity;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;

/// Amounts of cpu, memory and the like: exact, in the canonical form of Kubernetes.
///
/// A number is a decimal with a suffix: of thousands (`n u m k M G T P E`), of 1024 (`Ki Mi Gi Ti
/// Pi Ei`), or an exponent (`e3`). Nothing finer than a billionth is kept, and nothing larger than
/// 2^63-1: finer is rounded away from zero, larger is capped.
public final class Quantities {

  /// How an amount is written; it survives arithmetic.
  public enum Format {
    /// `500m`, `2k`
    DECIMAL,
    /// `1536Mi`
    BINARY,
    /// `12e6`
    EXPONENT
  }

  /// An amount as read.
  public record Amount(BigDecimal value, Format format) {

    /// The canonical text.
    @Override
    public String toString() {
      return Quantities.format(value, format);
    }
  }

  public static final Quantity ZERO = Quantity.newBuilder().setString("0").build();

  private static final BigInteger THOUSAND = BigInteger.valueOf(1000);

  private Quantities() {}

  /// @throws IllegalArgumentException saying what a quantity looks like
  public static Amount parse(String text) {
    return QuantityText.parse(text);
  }

  /// The canonical text: no fraction, and the largest suffix that allows it.
  public static String format(BigDecimal value, Format format) {
    if (value.signum() == 0) {
      return "0";
    }
    return switch (format) {
      case DECIMAL -> formatDecimal(value, false);
      case EXPONENT -> formatDecimal(value, true);
      case BINARY ->
          value.abs().compareTo(KIBI) < 0 ? formatDecimal(value, false) : formatBinary(value);
    };
  }

  private static String formatDecimal(BigDecimal value, boolean exponent) {
    BigInteger mantissa = bounded(value).setScale(FINEST, RoundingMode.UP).unscaledValue();
    int thousands = 0;
    int most = exponent ? LONGEST : DECIMAL_SUFFIXES.length - 1;
    while (thousands < most) {
      BigInteger[] parts = mantissa.divideAndRemainder(THOUSAND);
      if (parts[1].signum() != 0) {
        break;
      }
      mantissa = parts[0];
      thousands++;
    }
    if (!exponent) {
      return mantissa + DECIMAL_SUFFIXES[thousands];
    }
    int power = 3 * thousands - FINEST;
    return power == 0 ? mantissa.toString() : mantissa + "e" + power;
  }

  private static String formatBinary(BigDecimal value) {
    BigInteger mantissa = value.setScale(0, RoundingMode.UP).unscaledValue();
    int power = 0;
    while (power < BINARY_LETTERS.length() && mantissa.getLowestSetBit() >= 10) {
      mantissa = mantissa.shiftRight(10);
      power++;
    }
    return power == 0
        ? mantissa.toString()
        : mantissa + "" + BINARY_LETTERS.charAt(power - 1) + "i";
  }

  /// The canonical form of a text; an empty one is zero, and what is no quantity stays as it is.
  public static String canonical(String text) {
    if (text.isEmpty()) {
      return "0";
    }
    if (isPlainlyCanonical(text)) {
      return text;
    }
    try {
      return parse(text).toString();
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  /// Spares the arithmetic for what nearly all quantities look like: a few digits and a suffix.
  private static boolean isPlainlyCanonical(String text) {
    int digits = 0;
    int number = 0;
    while (digits < text.length() && digits < 9 && isDigit(text.charAt(digits))) {
      number = number * 10 + (text.charAt(digits) - '0');
      digits++;
    }
    if (digits == 0 || (text.charAt(0) == '0' && text.length() > 1)) {
      return false;
    }
    return switch (text.length() - digits) {
      case 0 -> number == 0 || number % 1000 != 0;
      case 1 -> "mkMG".indexOf(text.charAt(digits)) >= 0 && number % 1000 != 0;
      case 2 ->
          "KMG".indexOf(text.charAt(digits)) >= 0
              && text.charAt(digits + 1) == 'i'
              && number % 1024 != 0;
      default -> false;
    };
  }

  /// The exact value; of the empty message, zero.
  ///
  /// @throws IllegalArgumentException if the text is no quantity
  public static BigDecimal value(Quantity quantity) {
    return amount(quantity).value();
  }

  /// @throws IllegalArgumentException if the text is no quantity
  public static Amount amount(Quantity quantity) {
    return quantity.getString().isEmpty()
        ? new Amount(BigDecimal.ZERO, Format.DECIMAL)
        : parse(quantity.getString());
  }

  /// Thousandths, rounded up, as cpu is counted; capped at what a long holds.
  ///
  /// @throws IllegalArgumentException if the text is no quantity
  public static long milli(Quantity quantity) {
    return roundedUp(value(quantity).scaleByPowerOfTen(3));
  }

  /// Whole units, rounded up, as bytes and pods are counted; capped at what a long holds.
  ///
  /// @throws IllegalArgumentException if the text is no quantity
  public static long whole(Quantity quantity) {
    return roundedUp(value(quantity));
  }

  private static long roundedUp(BigDecimal value) {
    BigDecimal whole = value.setScale(0, RoundingMode.CEILING);
    return whole.compareTo(MAXIMUM) > 0
        ? Long.MAX_VALUE
        : whole.compareTo(MAXIMUM.negate()) < 0 ? -Long.MAX_VALUE : whole.longValueExact();
  }

  /// @throws IllegalArgumentException if a text is no quantity
  public static int compare(Quantity a, Quantity b) {
    return value(a).compareTo(value(b));
  }

  /// The sum in the form of the first.
  public static Quantity add(Quantity a, Quantity b) {
    Amount first = amount(a);
    Format format = first.value().signum() == 0 ? amount(b).format() : first.format();
    return of(first.value().add(value(b)), format);
  }

  /// The difference in the form of the first.
  public static Quantity subtract(Quantity a, Quantity b) {
    Amount first = amount(a);
    return of(first.value().subtract(value(b)), first.format());
  }

  public static Quantity of(BigDecimal value, Format format) {
    return Quantity.newBuilder().setString(format(bounded(value), format)).build();
  }

  /// Reads a text into its canonical form.
  ///
  /// @throws IllegalArgumentException if it is no quantity
  public static Quantity of(String text) {
    return Quantity.newBuilder()
        .setString(isPlainlyCanonical(text) ? text : parse(text).toString())
        .build();
  }

  /// So many thousandths, as `250m` of a cpu.
  public static Quantity ofMilli(long thousandths) {
    return of(BigDecimal.valueOf(thousandths, 3), Format.DECIMAL);
  }

  /// So many bytes, as `512Mi`.
  public static Quantity ofBytes(long bytes) {
    return of(BigDecimal.valueOf(bytes), Format.BINARY);
  }

  /// So many of something counted, as `110` pods.
  public static Quantity ofCount(long count) {
    return of(BigDecimal.valueOf(count), Format.DECIMAL);
  }

  /// For a message to a person: `1.5GiB` of 1536Mi.
  public static String readableBytes(long bytes) {
    if (bytes < 1024) {
      return bytes + "B";
    }
    int power = Math.min((63 - Long.numberOfLeadingZeros(bytes)) / 10, BINARY_LETTERS.length());
    double value = bytes / Math.pow(1024, power);
    return String.format(Locale.ROOT, "%.1f%ciB", value, BINARY_LETTERS.charAt(power - 1));
  }
}
