package io.coxswain.kubectl.template;

import io.coxswain.kubectl.document.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Values as Go's `fmt` prints them.
final class GoFormat {

  private static final Pattern VERB =
      Pattern.compile("%(?<flags>[-+# 0]*)(?<width>\\d*)(\\.(?<precision>\\d*))?(?<verb>.?)");

  /// From so many digits before the point on, a number has an exponent.
  private static final int DIGITS = 6;

  private GoFormat() {}

  /// `%v`: objects as `map[a:1]`, lists as `[a b]`.
  static String plain(JsonNode value) {
    return switch (value.getNodeType()) {
      case MISSING -> "<no value>";
      case NULL -> "<nil>";
      case OBJECT -> {
        List<String> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : sorted(value).entrySet()) {
          entries.add(entry.getKey() + ":" + plain(entry.getValue()));
        }
        yield "map[" + String.join(" ", entries) + "]";
      }
      case ARRAY -> {
        List<String> items = new ArrayList<>();
        value.forEach(item -> items.add(plain(item)));
        yield "[" + String.join(" ", items) + "]";
      }
      case NUMBER -> number(value.decimalValue());
      case STRING, BOOLEAN, BINARY, POJO -> value.asString();
    };
  }

  static Map<String, JsonNode> sorted(JsonNode object) {
    Map<String, JsonNode> sorted = new TreeMap<>();
    object.properties().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }

  /// Go reads all numbers of JSON as floating point, and prints those as short as can be.
  private static String number(BigDecimal value) {
    BigDecimal short_ = value.stripTrailingZeros();
    if (short_.signum() == 0) {
      return "0";
    }
    int exponent = short_.precision() - short_.scale() - 1;
    if (exponent >= -4 && exponent < DIGITS) {
      return short_.toPlainString();
    }
    String digits = short_.unscaledValue().abs().toString();
    return (short_.signum() < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + "e"
        + (exponent < 0 ? "-" : "+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }

  static String printf(List<JsonNode> arguments) {
    if (arguments.isEmpty()) {
      throw new TemplateFailure("printf needs a format");
    }
    Matcher verb = VERB.matcher(arguments.getFirst().asString());
    StringBuilder text = new StringBuilder();
    int next = 1;
    while (verb.find()) {
      String replaced;
      if (verb.group("verb").equals("%")) {
        replaced = "%";
      } else if (next >= arguments.size()) {
        replaced = "%!" + verb.group("verb") + "(MISSING)";
      } else {
        replaced = padded(verb, one(verb, arguments.get(next++)));
      }
      verb.appendReplacement(text, Matcher.quoteReplacement(replaced));
    }
    verb.appendTail(text);
    if (next < arguments.size()) {
      List<String> extra = new ArrayList<>();
      arguments
          .subList(next, arguments.size())
          .forEach(value -> extra.add(type(value) + "=" + plain(value)));
      text.append("%!(EXTRA ").append(String.join(", ", extra)).append(')');
    }
    return text.toString();
  }

  private static String one(Matcher verb, JsonNode value) {
    String precision = verb.group("precision");
    return switch (verb.group("verb")) {
      case "v" -> value.isMissingNode() ? "<nil>" : plain(value);
      case "s" -> {
        String text = value.isMissingNode() ? "%!s(<nil>)" : plain(value);
        yield precision == null || precision.isEmpty()
            ? text
            : text.substring(0, Math.min(text.length(), Integer.parseInt(precision)));
      }
      case "q" -> Json.compact(Json.object().stringNode(plain(value)));
      case "d" -> whole(verb, value).toString();
      case "x" -> value.isNumber() ? whole(verb, value).toString(16) : hex(plain(value));
      case "X" ->
          (value.isNumber() ? whole(verb, value).toString(16) : hex(plain(value)))
              .toUpperCase(java.util.Locale.ROOT);
      case "o" -> whole(verb, value).toString(8);
      case "b" -> whole(verb, value).toString(2);
      case "t" -> plain(value);
      case "f", "e", "g" ->
          precision == null
              ? (verb.group("verb").equals("f")
                  ? String.format(java.util.Locale.ROOT, "%.6f", decimal(verb, value))
                  : number(decimal(verb, value)))
              : String.format(
                  java.util.Locale.ROOT,
                  "%." + (precision.isEmpty() ? "0" : precision) + verb.group("verb"),
                  decimal(verb, value));
      case "T" -> type(value);
      default -> "%!" + verb.group("verb") + "(" + type(value) + "=" + plain(value) + ")";
    };
  }

  private static String padded(Matcher verb, String text) {
    String flags = verb.group("flags");
    String signed =
        flags.contains("+") && text.matches("\\d.*") && "df".contains(verb.group("verb"))
            ? "+" + text
            : text;
    int width = verb.group("width").isEmpty() ? 0 : Integer.parseInt(verb.group("width"));
    int missing = Math.min(width, 10_000) - signed.codePointCount(0, signed.length());
    if (missing <= 0) {
      return signed;
    }
    if (flags.contains("-")) {
      return signed + " ".repeat(missing);
    }
    if (flags.contains("0") && !verb.group("verb").equals("s")) {
      return signed.startsWith("-")
          ? "-" + "0".repeat(missing) + signed.substring(1)
          : "0".repeat(missing) + signed;
    }
    return " ".repeat(missing) + signed;
  }

  private static BigInteger whole(Matcher verb, JsonNode value) {
    return decimal(verb, value).toBigInteger();
  }

  private static BigDecimal decimal(Matcher verb, JsonNode value) {
    if (!value.isNumber()) {
      throw new TemplateFailure(
          "%" + verb.group("verb") + " prints numbers, not " + type(value) + " " + plain(value));
    }
    return value.decimalValue();
  }

  private static String hex(String text) {
    return java.util.HexFormat.of()
        .formatHex(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private static String type(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> "map[string]interface {}";
      case ARRAY -> "[]interface {}";
      case NUMBER -> "float64";
      case BOOLEAN -> "bool";
      case MISSING, NULL -> "<nil>";
      case STRING, BINARY, POJO -> "string";
    };
  }
}
