package io.coxswain.client.codec;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// What a scalar of YAML 1.1 means, by the rules of Go's yaml.v2.
final class YamlScalars {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Pattern FLOAT =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final String STANDARD_TAGS = "tag:yaml.org,2002:";

  /// Above, Go prints a float with an exponent.
  private static final BigDecimal LARGEST_PLAIN = new BigDecimal("1e21");

  private static final int LONGEST_NUMBER = 400;

  private YamlScalars() {}

  /// Nothing when it cannot be what its tag says, or cannot be said in JSON.
  static Optional<JsonNode> resolve(ScalarEvent scalar) {
    String text = scalar.getValue();
    String tag = scalar.getTag().orElse("");
    if (tag.startsWith(STANDARD_TAGS)) {
      return tagged(text, tag.substring(STANDARD_TAGS.length()));
    }
    return scalar.isPlain() && tag.isEmpty() ? plain(text) : Optional.of(NODES.stringNode(text));
  }

  private static Optional<JsonNode> tagged(String text, String type) {
    return switch (type) {
      case "null" -> Optional.of(NODES.nullNode());
      case "bool" -> plain(text).filter(JsonNode::isBoolean);
      case "int" -> plain(text).filter(JsonNode::isIntegralNumber);
      case "float" -> plain(text).filter(JsonNode::isNumber);
      case "binary" -> binary(text);
      default -> Optional.of(NODES.stringNode(text));
    };
  }

  private static Optional<JsonNode> binary(String text) {
    try {
      byte[] bytes = java.util.Base64.getMimeDecoder().decode(text);
      return Optional.of(
          NODES.stringNode(new String(bytes, java.nio.charset.StandardCharsets.UTF_8)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// A scalar without quotes. Empty for what JSON has no word for: infinity, not-a-number.
  static Optional<JsonNode> plain(String text) {
    switch (text) {
      case "", "~", "null", "Null", "NULL" -> {
        return Optional.of(NODES.nullNode());
      }
      case "true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON" -> {
        return Optional.of(NODES.booleanNode(true));
      }
      case "false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF" -> {
        return Optional.of(NODES.booleanNode(false));
      }
      default -> {
        // a number or a string
      }
    }
    char first = text.charAt(0);
    if ((first < '0' || first > '9') && first != '-' && first != '+' && first != '.') {
      return Optional.of(NODES.stringNode(text));
    }
    return switch (text.toLowerCase(Locale.ROOT)) {
      case ".inf", "+.inf", "-.inf", ".nan" -> Optional.empty();
      case String other -> Optional.of(number(text));
    };
  }

  private static JsonNode number(String text) {
    String digits = text.replace("_", "");
    if (digits.length() > LONGEST_NUMBER) {
      return NODES.stringNode(text);
    }
    Optional<BigInteger> integer = integer(digits);
    if (integer.isPresent()) {
      BigInteger value = integer.get();
      return node(value);
    }
    if (!FLOAT.matcher(digits).matches()) {
      return NODES.stringNode(text);
    }
    double value = Double.parseDouble(digits);
    if (Double.isInfinite(value)) {
      return NODES.stringNode(text);
    }
    BigDecimal exact = BigDecimal.valueOf(value);
    boolean whole = exact.signum() == 0 || exact.stripTrailingZeros().scale() <= 0;
    // Go's JSON has no trailing ".0": 1.0 and 1e3 are as good as integers
    return whole && exact.abs().compareTo(LARGEST_PLAIN) < 0
        ? node(exact.toBigIntegerExact())
        : NODES.numberNode(value);
  }

  /// In the smallest type that holds it, as JSON's reader has it: trees compare by type.
  private static JsonNode node(BigInteger value) {
    if (value.bitLength() < 32) {
      return NODES.numberNode(value.intValueExact());
    }
    return value.bitLength() < 64
        ? NODES.numberNode(value.longValueExact())
        : NODES.numberNode(value);
  }

  /// An integer of at most 64 bits in base 10, 2 (`0b`), 8 (`0` or `0o`) or 16 (`0x`).
  private static Optional<BigInteger> integer(String text) {
    boolean negative = text.startsWith("-");
    String size = negative || text.startsWith("+") ? text.substring(1) : text;
    int base = 10;
    String digits = size;
    if (size.length() > 1 && size.charAt(0) == '0') {
      char mark = Character.toLowerCase(size.charAt(1));
      base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
      digits = size.substring(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
    }
    if (digits.isEmpty() || !hasOnlyDigits(digits, base)) {
      return Optional.empty();
    }
    BigInteger value = new BigInteger(digits, base);
    BigInteger signed = negative ? value.negate() : value;
    return signed.bitLength() < 64 || (signed.signum() > 0 && signed.bitLength() == 64)
        ? Optional.of(signed)
        : Optional.empty();
  }

  private static boolean hasOnlyDigits(String text, int base) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 'f' || Character.digit(text.charAt(i), base) < 0) {
        return false;
      }
    }
    return true;
  }
}
