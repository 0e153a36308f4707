package io.coxswain.controlplane.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Changes JSON and YAML by what their own rules leave open or forbid: keys that come twice,
/// numbers of any length, half characters, anchors, tags.
final class TextDamage {

  private static final Pattern JSON_TOKEN =
      Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*+\"|-?[0-9][0-9.eE+-]*|true|false|null|[{}\\[\\]:,]");
  private static final Pattern YAML_VALUE = Pattern.compile("(?m)(?<=: )[^\\n&*|>{\\[]+$");

  /// Stands for what is written as bytes that no encoding has.
  private static final char RAW = '\ue000';

  private static final List<byte[]> BROKEN_UTF8 =
      List.of(
          bytes(0xff),
          bytes(0xc0, 0x80),
          bytes(0xc3),
          bytes(0xed, 0xa0, 0x80),
          bytes(0xf4, 0x90, 0x80, 0x80),
          bytes(0xe2, 0x82),
          bytes(0x80));

  private static final List<String> NUMBERS =
      List.of(
          "1e999999999",
          "-1e999999999",
          "1e-999999999",
          "-0",
          "00",
          "1.",
          ".1",
          "+1",
          "0x10",
          "NaN",
          "Infinity",
          "9".repeat(5000),
          "0." + "1".repeat(5000),
          "1E+400",
          "18446744073709551616",
          "9007199254740993");

  private static final List<BiFunction<String, Chance, String>> JSON =
      List.of(
          (text, chance) -> token(text, chance, '"', string -> string + ":1," + string),
          (text, chance) -> token(text, chance, '"', _ -> "\"\\ud800\""),
          (text, chance) -> token(text, chance, '"', _ -> "\"\\udc00\\ud800\""),
          (text, chance) -> token(text, chance, '"', string -> string.replace("\"", "\"" + RAW)),
          (text, chance) -> token(text, chance, '"', string -> string.replace("\"", "'")),
          (text, chance) -> token(text, chance, '"', _ -> "\"\\u0000\\u001f\\/\\b\\f\""),
          (text, chance) -> token(text, chance, '"', _ -> "\"a\nb\tc\""),
          (text, chance) -> token(text, chance, '"', _ -> "\"\\x41\\'\\u12\""),
          (text, chance) -> token(text, chance, '"', _ -> chance.of(NUMBERS)),
          (text, chance) -> token(text, chance, '0', _ -> chance.of(NUMBERS)),
          (text, chance) -> token(text, chance, '{', _ -> "{\"a\":".repeat(chance.below(3000))),
          (text, chance) -> token(text, chance, '[', _ -> "[".repeat(chance.below(100_000))),
          (text, chance) -> token(text, chance, '{', _ -> "/* no */{// none\n"),
          (text, chance) -> token(text, chance, ',', _ -> chance.of(List.of(",,", ";", "", ",}"))),
          (text, chance) -> token(text, chance, ':', _ -> chance.of(List.of("=", "::", "", ": :"))),
          (text, chance) -> text + chance.of(List.of("}", " {}", "\u0000", "x", text)),
          (text, chance) -> chance.of(List.of("\ufeff", " ".repeat(100_000), ")]}'\n")) + text);

  private static final List<BiFunction<String, Chance, String>> YAML =
      List.of(
          (text, chance) -> value(text, chance, value -> "&a " + value + "\nzz: *a"),
          (text, chance) -> value(text, chance, _ -> "*nobody"),
          (text, chance) -> value(text, chance, _ -> "&a [*a, *a]"),
          (text, chance) -> value(text, chance, _ -> bomb(chance)),
          (text, chance) -> value(text, chance, value -> tag(chance) + " " + value),
          (text, chance) -> value(text, chance, _ -> "[".repeat(chance.below(20_000))),
          (text, chance) -> value(text, chance, _ -> "{a: ".repeat(chance.below(20_000))),
          (text, chance) -> value(text, chance, _ -> "|9+\n          x"),
          (text, chance) -> value(text, chance, _ -> ">-\n\t\tx"),
          (text, chance) -> value(text, chance, _ -> "\"\\x00\\uD800\\U0010FFFF\\N\""),
          (text, chance) -> value(text, chance, _ -> scalar(chance)),
          (text, chance) -> value(text, chance, _ -> "" + RAW),
          (text, chance) -> "<<: {spec: {a: b}}\n<<: [1, 2]\n" + text,
          (text, chance) -> text + "\n" + text,
          (text, chance) -> text + "---\n" + text + "...\n%YAML 9.9\n---\n",
          (text, chance) -> "%TAG ! tag:x,2000:\n--- !x\n" + text,
          (text, chance) -> "? [a, b]\n: c\n? {a: b}\n: d\n" + text,
          (text, chance) -> text.replace("  ", "\t"),
          (text, chance) -> text.replace("\n", "\r"),
          (text, chance) -> "- ".repeat(chance.below(5000)) + "a\n" + text);

  private TextDamage() {}

  static byte[] json(byte[] json, Chance chance) {
    return changed(json, chance, JSON);
  }

  static byte[] yaml(byte[] yaml, Chance chance) {
    return changed(yaml, chance, YAML);
  }

  private static byte[] changed(
      byte[] body, Chance chance, List<BiFunction<String, Chance, String>> ways) {
    String text = new String(body, StandardCharsets.UTF_8);
    int times = chance.percent(70) ? 1 : 2;
    for (int i = 0; i < times; i++) {
      text = chance.of(ways).apply(text, chance);
    }
    byte[] broken = chance.of(BROKEN_UTF8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String[] parts = text.split(String.valueOf(RAW), -1);
    for (int i = 0; i < parts.length; i++) {
      if (i > 0) {
        out.writeBytes(broken);
      }
      out.writeBytes(parts[i].getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private interface Change {
    String of(String what);
  }

  /// Changes one of the tokens that begin so; `0` for a number.
  private static String token(String text, Chance chance, char first, Change change) {
    List<int[]> places = new ArrayList<>();
    Matcher matcher = JSON_TOKEN.matcher(text);
    while (matcher.find() && places.size() < 2000) {
      char c = text.charAt(matcher.start());
      if (c == first || (first == '0' && (Character.isDigit(c) || c == '-'))) {
        places.add(new int[] {matcher.start(), matcher.end()});
      }
    }
    return replaced(text, chance, places, change);
  }

  private static String value(String text, Chance chance, Change change) {
    List<int[]> places = new ArrayList<>();
    Matcher matcher = YAML_VALUE.matcher(text);
    while (matcher.find() && places.size() < 2000) {
      places.add(new int[] {matcher.start(), matcher.end()});
    }
    return replaced(text, chance, places, change);
  }

  private static String replaced(String text, Chance chance, List<int[]> places, Change change) {
    if (places.isEmpty()) {
      return text;
    }
    int[] place = chance.of(places);
    String what = text.substring(place[0], place[1]);
    return text.substring(0, place[0]) + change.of(what) + text.substring(place[1]);
  }

  /// Each line nine times the one before.
  private static String bomb(Chance chance) {
    StringBuilder bomb = new StringBuilder("&z0 [x, x]\n");
    int lines = 2 + chance.below(12);
    for (int i = 1; i < lines; i++) {
      bomb.append("z").append(i).append(": &z").append(i).append(" [");
      bomb.append(("*z" + (i - 1) + ", ").repeat(9)).append("]\n");
    }
    return bomb.toString();
  }

  private static String tag(Chance chance) {
    return chance.of(
        List.of(
            "!!binary",
            "!!float",
            "!!int",
            "!!null",
            "!!set",
            "!!omap",
            "!!timestamp",
            "!!java.net.URL",
            "!local",
            "!<tag:x>",
            "!"));
  }

  private static String scalar(Chance chance) {
    return chance.of(
        List.of(
            "0644",
            "0o644",
            "0x1F",
            "1_000",
            "190:20:30",
            ".inf",
            "-.INF",
            ".nan",
            "~",
            "yes",
            "NO",
            "2026-01-01",
            "1e3",
            "=",
            "<<",
            "9".repeat(5000),
            "\"" + "x".repeat(300_000) + "\""));
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
