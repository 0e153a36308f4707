package io.coxswain.controlplane.hostile;

import java.util.ArrayList;
import java.util.List;

/// Made-up expressions of CEL. Most have types that fit, so that they get past the compiler and are
/// met by what evaluates them.
final class Expressions {

  /// What a custom object's rules can name.
  static final List<String> OF_SCHEMAS =
      List.of("self", "self.size", "self.x", "self.parts", "oldSelf", "self.any", "self.labels");

  /// What policies, match conditions and mutations can name.
  static final List<String> OF_ADMISSION =
      List.of(
          "object",
          "object.metadata.name",
          "object.metadata.labels",
          "object.data",
          "object.spec",
          "oldObject",
          "request",
          "request.operation",
          "request.userInfo",
          "namespaceObject",
          "params",
          "variables.x",
          "authorizer.path('/x').check('get')");

  private final Chance chance;
  private final List<String> roots;
  private final List<String> names = new ArrayList<>();

  private Expressions(Chance chance, List<String> roots) {
    this.chance = chance;
    this.roots = roots;
  }

  /// Something that is true or false, if it is anything.
  static String random(Chance chance, List<String> roots) {
    if (chance.percent(20)) {
      return chance.of(Nasty.TEXTS);
    }
    return new Expressions(chance, roots).truth(4);
  }

  /// Something that is a text, if it is anything.
  static String randomText(Chance chance, List<String> roots) {
    if (chance.percent(20)) {
      return chance.of(Nasty.TEXTS);
    }
    return new Expressions(chance, roots).text(3);
  }

  private String any(int depth) {
    return switch (chance.below(5)) {
      case 0 -> number(depth);
      case 1 -> text(depth);
      case 2 -> list(depth);
      case 3 -> truth(depth);
      default -> root();
    };
  }

  private String root() {
    if (!names.isEmpty() && chance.percent(50)) {
      return chance.of(names);
    }
    String root = chance.of(roots);
    return switch (chance.below(8)) {
      case 0 -> root + ".?a.orValue('x')";
      case 1 -> root + "['a']";
      case 2 -> root + "[0]";
      case 3 -> root + ".a.b.c";
      default -> root;
    };
  }

  private String truth(int depth) {
    if (depth == 0) {
      return chance.of(List.of("true", "false", "has(self.x)", "has(object.spec)", root()));
    }
    int next = depth - 1;
    return switch (chance.below(14)) {
      case 0 -> number(next) + chance.of(List.of(" < ", " == ", " >= ", " != ")) + number(next);
      case 1 -> text(next) + chance.of(List.of(" == ", " < ", " != ")) + text(next);
      case 2 -> "(" + truth(next) + " && " + truth(next) + ")";
      case 3 -> "(" + truth(next) + " || " + truth(next) + ")";
      case 4 -> "!(" + truth(next) + ")";
      case 5 -> "(" + truth(next) + " ? " + truth(next) + " : " + truth(next) + ")";
      case 6, 7 -> loop(next, chance.of(List.of("all", "exists", "exists_one")));
      case 8 -> text(next) + ".matches(" + quoted() + ")";
      case 9 ->
          text(next)
              + chance.of(List.of(".startsWith(", ".contains(", ".endsWith("))
              + text(next)
              + ")";
      case 10 -> any(next) + " in " + list(next);
      case 11 -> "dyn(" + any(next) + ") == dyn(" + any(next) + ")";
      case 12 -> list(next) + chance.of(List.of(".isSorted()", ".sum() > 0", " == " + list(next)));
      default -> library(next);
    };
  }

  private String library(int depth) {
    return chance.of(
        List.of(
            "isQuantity(" + text(depth) + ")",
            "quantity(" + text(depth) + ").isLessThan(quantity('1e30'))",
            "isURL(" + text(depth) + ")",
            "url(" + text(depth) + ").getHost() == ''",
            "isIP(" + text(depth) + ")",
            "ip(" + text(depth) + ").isLoopback()",
            "cidr(" + text(depth) + ").containsIP('1.2.3.4')",
            "isSemver(" + text(depth) + ")",
            "duration(" + text(depth) + ") > duration('1h')",
            "timestamp("
                + text(depth)
                + ") + duration('9999999h') < timestamp('9999-12-31T23:59:59Z')",
            "!format.dns1123Label().validate(" + text(depth) + ").hasValue()",
            "sets.contains(" + list(depth) + ", " + list(depth) + ")",
            "authorizer.group('').resource('pods').check('get').allowed()",
            text(depth) + ".findAll(" + quoted() + ").size() > 0",
            "type(" + any(depth) + ") == string"));
  }

  private String number(int depth) {
    if (depth == 0) {
      return chance.of(
          List.of(
              "0", "1", "-1", "9223372036854775807", "-9223372036854775808", "1.5", "1e308", "3u"));
    }
    int next = depth - 1;
    return switch (chance.below(6)) {
      case 0 -> "size(" + any(next) + ")";
      case 1 ->
          "("
              + number(next)
              + chance.of(List.of(" + ", " * ", " - ", " / ", " % "))
              + number(next)
              + ")";
      case 2 -> "int(" + text(next) + ")";
      case 3 -> text(next) + ".indexOf(" + text(next) + ")";
      case 4 -> "-" + number(next);
      default -> root();
    };
  }

  private String text(int depth) {
    if (depth == 0) {
      return quoted();
    }
    int next = depth - 1;
    return switch (chance.below(9)) {
      case 0 -> "(" + text(next) + " + " + text(next) + ")";
      case 1 -> "string(" + any(next) + ")";
      case 2 -> text(next) + ".replace(" + quoted() + ", " + text(next) + ")";
      case 3 -> text(next) + ".substring(" + number(next) + ")";
      case 4 -> list(next) + ".map(m, string(m)).join(" + quoted() + ")";
      case 5 -> "'%s%d'.format([" + any(next) + ", " + number(next) + "])";
      case 6 ->
          text(next) + chance.of(List.of(".lowerAscii()", ".trim()", ".reverse()", ".charAt(0)"));
      case 7 -> quoted();
      default -> root();
    };
  }

  private String list(int depth) {
    if (depth == 0) {
      return chance.of(List.of("[]", "[1, 2, 3]", "['a', 'b']", "[[1], [2]]", "[dyn(1), 'a']"));
    }
    int next = depth - 1;
    return switch (chance.below(7)) {
      case 0 -> loop(next, "map");
      case 1 -> loop(next, "filter");
      case 2 -> text(next) + ".split(" + quoted() + ")";
      case 3 -> "(" + list(next) + " + " + list(next) + ")";
      case 4 -> "[" + any(next) + ", " + any(next) + "]";
      case 5 ->
          chance.of(
              List.of("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", "'" + "a,".repeat(300) + "'.split(',')"));
      default -> root();
    };
  }

  private String loop(int depth, String name) {
    String over = list(depth);
    String variable = "v" + names.size();
    names.add(variable);
    String body = name.equals("map") ? any(depth) : truth(depth);
    names.removeLast();
    return over + "." + name + "(" + variable + ", " + body + ")";
  }

  private String quoted() {
    return "'"
        + chance.of(
            List.of(
                "",
                "a",
                "10.0.0.0/8",
                "1Gi",
                "(a+)+$",
                "https://a/b",
                "2026-01-01T00:00:00Z",
                "x".repeat(500),
                "%s",
                "\\\\d{1,1000}",
                "ünï",
                "\\u0000"))
        + "'";
  }
}
