package io.coxswain.controlplane.hostile;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Values that have broken servers before: ends of ranges, text that is no text, depth, and what
/// means something to one of the languages inside.
final class Nasty {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /// Stands for half a character, which only the escapes of JSON and YAML can spell.
  static final String HALF_CHARACTER = "@HALF@";

  static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "a",
          "A",
          "0",
          "-1",
          "null",
          "true",
          "..",
          "../../etc/passwd",
          "a/b",
          "a%2Fb",
          "a\u0000b",
          HALF_CHARACTER,
          "half " + HALF_CHARACTER,
          "\ufeffbom",
          "\u202eright",
          "ünï-cödé",
          "日本語",
          "😀",
          "é\u0301",
          "line\nline\r\nline",
          "tab\there",
          "\u0085\u2028\u2029",
          "\u007f\u0080",
          "'quoted' \"twice\"",
          "{{.}} ${x} $(A) %s %n",
          "x".repeat(63),
          "x".repeat(64),
          "x".repeat(253),
          "x".repeat(254),
          "x".repeat(300_000),
          "a.b/c",
          "kubernetes.io/x",
          "a=b,c in (d",
          "!a,b!=c",
          "1e400",
          "1e-400",
          "9".repeat(400),
          "1".repeat(20) + "Ei",
          "0x1F",
          "0777",
          "1Gi",
          "-1m",
          "1.0000000000001n",
          "100%",
          "-5%",
          "99999999999999999999%",
          "NaN",
          "Infinity",
          "2026-02-30T25:61:61Z",
          "0000-00-00T00:00:00Z",
          "9999999999-01-01T00:00:00Z",
          "-999999999-01-01T00:00:00+18:00",
          "2026-01-01T00:00:00.123456789123Z",
          "1h2m3s4ms5us6ns",
          "9999999999999999999h",
          "10.0.0.1",
          "010.0.0.1",
          "::ffff:1.2.3.4",
          "fe80::1%eth0",
          "10.0.0.0/33",
          "*/0 * * * *",
          "@every 1ns",
          "TZ=Mars/Base * * * * *",
          "(((((((((((((((((((((((a*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*",
          "[",
          "\\",
          "(?<x>a)\\k<x>",
          ".{1,1000}{1,1000}",
          "^.{1,1000}$",
          "(((a{100}){100}){100})",
          "(a?){900}b",
          "self.x.y.z",
          "self.all(x, x.all(y, y.all(z, z == x)))",
          "self.matches('(a+)+$')",
          "size(self) > 9223372036854775807",
          "1/0 == 1",
          "'a' + 1 == self",
          "self" + ".a".repeat(2000),
          "(".repeat(3000),
          "[[1,2].map(x, [1,2].map(y, [1,2].map(z, x*y*z)))].size() > 0",
          "'x'.replace('', 'y', 999999999) == ''",
          "duration('99999999999999999s') < duration('1s')",
          "timestamp('0000-00-00T00:00:00Z') == self",
          "quantity('1e9999').isGreaterThan(quantity('1'))",
          "'%d'.format([self])",
          "{.spec['a','b'][*]..x}",
          ".spec.a[",
          ".spec.x.",
          "%zz",
          "https://[::1:99999/",
          "http://a\u0000/",
          "bm90IGJhc2U2NA",
          "====");

  private static final List<JsonNode> VALUES =
      List.of(
          JSON.nullNode(),
          JSON.booleanNode(true),
          JSON.booleanNode(false),
          JSON.numberNode(0),
          JSON.numberNode(-1),
          JSON.numberNode(Integer.MAX_VALUE),
          JSON.numberNode(Integer.MIN_VALUE),
          JSON.numberNode(1L << 31),
          JSON.numberNode(Long.MAX_VALUE),
          JSON.numberNode(Long.MIN_VALUE),
          JSON.numberNode(new BigInteger("18446744073709551616")),
          JSON.numberNode(new BigDecimal("1e309")),
          JSON.numberNode(new BigDecimal("1e-999999")),
          JSON.numberNode(new BigDecimal("1e999999")),
          JSON.numberNode(1.5),
          JSON.numberNode(-0.0),
          JSON.objectNode(),
          JSON.arrayNode());

  private Nasty() {}

  static JsonNode value(Chance chance) {
    return switch (chance.below(10)) {
      case 0 -> deep(chance);
      case 1 -> JSON.arrayNode().add(one(chance)).add(one(chance));
      case 2 -> JSON.objectNode().set(chance.of(TEXTS), one(chance));
      case 3, 4, 5 -> JSON.stringNode(chance.of(TEXTS));
      default -> one(chance);
    };
  }

  /// A copy, for the tree it comes into is changed further.
  private static JsonNode one(Chance chance) {
    return chance.of(VALUES).deepCopy();
  }

  /// One of the same type, which gets past who reads it and is met by who uses it.
  static JsonNode like(JsonNode value, Chance chance) {
    if (value.isString()) {
      return JSON.stringNode(chance.of(TEXTS));
    }
    if (value.isBoolean()) {
      return JSON.booleanNode(!value.booleanValue());
    }
    if (value.isNumber()) {
      JsonNode number = one(chance);
      return number.isNumber() ? number : JSON.numberNode(chance.below(100_000) - 1000);
    }
    return value.isArray() ? JSON.arrayNode() : JSON.objectNode();
  }

  private static JsonNode deep(Chance chance) {
    JsonNode node = one(chance);
    int depth = chance.below(chance.percent(10) ? 400 : 40);
    boolean lists = chance.percent(50);
    for (int i = 0; i < depth; i++) {
      if (lists) {
        ArrayNode list = JSON.arrayNode();
        node = list.add(node);
      } else {
        ObjectNode object = JSON.objectNode();
        node = object.set(chance.percent(20) ? "properties" : "a", node);
      }
    }
    return node;
  }
}
