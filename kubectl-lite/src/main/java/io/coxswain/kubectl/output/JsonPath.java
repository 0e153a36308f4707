package io.coxswain.kubectl.output;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.document.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Kubernetes' JSONPath templates (kubernetes.io/docs/reference/kubectl/jsonpath): text with
/// `{...}` in it; fields, `['quoted']` fields, indexes, slices, unions, `*`, `..`, filters
/// `[?(@.a=="b")]`, `{range}`…`{end}` and quoted text.
public final class JsonPath {

  private sealed interface Part {}

  private record Text(String text) implements Part {}

  private record Path(List<Step> steps) implements Part {}

  private record Range(List<Step> steps, List<Part> body) implements Part {}

  private sealed interface Step {}

  private record Field(String name) implements Step {}

  private record Anything() implements Step {}

  private record Descend(String name) implements Step {}

  private record Slice(@Nullable Integer from, @Nullable Integer to, int by) implements Step {}

  private record Index(List<Integer> indexes) implements Step {}

  private record Names(List<String> names) implements Step {}

  private record Filter(Operand left, String operator, Operand right) implements Step {}

  private sealed interface Operand {}

  private record Relative(List<Step> steps) implements Operand {}

  private record Literal(String text) implements Operand {}

  private final List<Part> parts;

  private JsonPath(List<Part> parts) {
    this.parts = parts;
  }

  /// @throws Failure saying where the template is wrong
  public static JsonPath parse(String template) {
    String text =
        template.contains("{")
            ? template
            : "{"
                + (template.startsWith(".") || template.startsWith("$") || template.startsWith("[")
                    ? ""
                    : ".")
                + template
                + "}";
    return new JsonPath(new Parser(text).parts(false));
  }

  /// What the template prints for an object. Missing fields print nothing.
  public String print(JsonNode root) {
    StringBuilder out = new StringBuilder();
    print(parts, root, root, out);
    return out.toString();
  }

  /// The nodes that the template's only path finds.
  public List<JsonNode> find(JsonNode root) {
    List<JsonNode> found = new ArrayList<>();
    for (Part part : parts) {
      if (part instanceof Path path) {
        found.addAll(walk(path.steps(), root, root));
      }
    }
    return found;
  }

  private static void print(List<Part> parts, JsonNode root, JsonNode current, StringBuilder out) {
    for (Part part : parts) {
      switch (part) {
        case Text text -> out.append(text.text());
        case Path path -> {
          String separator = "";
          for (JsonNode node : walk(path.steps(), root, current)) {
            out.append(separator)
                .append(
                    node.isContainer() ? Json.compact(node) : node.isNull() ? "" : node.asString());
            separator = " ";
          }
        }
        case Range range ->
            walk(range.steps(), root, current)
                .forEach(node -> print(range.body(), root, node, out));
      }
    }
  }

  private static List<JsonNode> walk(List<Step> steps, JsonNode root, JsonNode start) {
    List<JsonNode> nodes = List.of(start);
    for (Step step : steps) {
      List<JsonNode> next = new ArrayList<>();
      for (JsonNode node : nodes) {
        take(step, root, node, next);
      }
      nodes = next;
    }
    return nodes;
  }

  private static void take(Step step, JsonNode root, JsonNode node, List<JsonNode> found) {
    switch (step) {
      case Field field -> addIfPresent(node.get(field.name()), found);
      case Names names -> names.names().forEach(name -> addIfPresent(node.get(name), found));
      case Anything anything -> node.forEach(found::add);
      case Descend descend -> descend(descend.name(), node, found);
      case Index index ->
          index
              .indexes()
              .forEach(i ->
                  addIfPresent(
                      node.isArray() ? node.get(i < 0 ? node.size() + i : i) : null, found));
      case Slice slice -> slice(slice, node, found);
      case Filter filter -> {
        for (JsonNode item : node) {
          if (matches(filter, root, item)) {
            found.add(item);
          }
        }
      }
    }
  }

  private static void addIfPresent(@Nullable JsonNode node, List<JsonNode> found) {
    if (node != null) {
      found.add(node);
    }
  }

  private static void descend(String name, JsonNode node, List<JsonNode> found) {
    if (name.equals("*")) {
      node.forEach(found::add);
    } else {
      addIfPresent(node.isObject() ? node.get(name) : null, found);
    }
    node.forEach(child -> descend(name, child, found));
  }

  private static void slice(Slice slice, JsonNode node, List<JsonNode> found) {
    if (!node.isArray()) {
      return;
    }
    int from = slice.from() == null ? 0 : slice.from();
    int to = slice.to() == null ? node.size() : slice.to();
    from = from < 0 ? node.size() + from : from;
    to = to < 0 ? node.size() + to : Math.min(to, node.size());
    for (int i = Math.max(0, from); i < to; i += slice.by()) {
      found.add(node.get(i));
    }
  }

  private static boolean matches(Filter filter, JsonNode root, JsonNode item) {
    List<String> left = values(filter.left(), root, item);
    if (filter.operator().isEmpty()) {
      return !left.isEmpty();
    }
    List<String> right = values(filter.right(), root, item);
    if (left.isEmpty() || right.isEmpty()) {
      return false;
    }
    int order = compare(left.getFirst(), right.getFirst());
    return switch (filter.operator()) {
      case "==" -> order == 0;
      case "!=" -> order != 0;
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      default -> order >= 0;
    };
  }

  private static int compare(String left, String right) {
    try {
      return Double.compare(Double.parseDouble(left), Double.parseDouble(right));
    } catch (NumberFormatException e) {
      return left.compareTo(right);
    }
  }

  private static List<String> values(Operand operand, JsonNode root, JsonNode item) {
    return switch (operand) {
      case Literal literal -> List.of(literal.text());
      case Relative relative ->
          walk(relative.steps(), root, item).stream()
              .map(node -> node.isContainer() ? Json.compact(node) : node.asString())
              .toList();
    };
  }

  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    List<Part> parts(boolean inRange) {
      List<Part> parts = new ArrayList<>();
      while (at < text.length()) {
        int open = text.indexOf('{', at);
        if (open < 0) {
          parts.add(new Text(text.substring(at)));
          at = text.length();
          break;
        }
        if (open > at) {
          parts.add(new Text(text.substring(at, open)));
        }
        at = open + 1;
        blanks();
        if (word("end")) {
          close();
          if (!inRange) {
            throw wrong("{end} without {range}");
          }
          return parts;
        }
        if (word("range")) {
          blanks();
          List<Step> steps = steps();
          close();
          parts.add(new Range(steps, parts(true)));
          continue;
        }
        inside(parts);
      }
      if (inRange) {
        throw wrong("{range} without {end}");
      }
      return parts;
    }

    private void inside(List<Part> parts) {
      while (true) {
        blanks();
        if (at >= text.length()) {
          throw wrong("an unclosed {");
        }
        char c = text.charAt(at);
        if (c == '}') {
          at++;
          return;
        }
        if (c == '"' || c == '\'') {
          parts.add(new Text(quoted(c)));
        } else {
          int before = at;
          parts.add(new Path(steps()));
          if (at == before) {
            throw wrong("unexpected '" + c + "'");
          }
        }
      }
    }

    private List<Step> steps() {
      List<Step> steps = new ArrayList<>();
      if (at < text.length() && (text.charAt(at) == '$' || text.charAt(at) == '@')) {
        at++;
      }
      while (at < text.length()) {
        char c = text.charAt(at);
        if (text.startsWith("..", at)) {
          at += 2;
          steps.add(new Descend(peek() == '*' ? star() : identifier()));
        } else if (c == '.') {
          at++;
          if (peek() == '*') {
            star();
            steps.add(new Anything());
          } else if (peek() != '[') {
            String name = identifier();
            if (!name.isEmpty()) {
              steps.add(new Field(name));
            }
          }
        } else if (c == '[') {
          at++;
          steps.add(bracket());
        } else {
          break;
        }
      }
      return steps;
    }

    private char peek() {
      return at < text.length() ? text.charAt(at) : '\0';
    }

    private String star() {
      at++;
      return "*";
    }

    private String identifier() {
      StringBuilder name = new StringBuilder();
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == '\\' && at + 1 < text.length()) {
          name.append(text.charAt(at + 1));
          at += 2;
        } else if (Character.isWhitespace(c) || ".[]{}()=!<>,".indexOf(c) >= 0) {
          break;
        } else {
          name.append(c);
          at++;
        }
      }
      return name.toString();
    }

    private Step bracket() {
      blanks();
      if (peek() == '?') {
        return filter();
      }
      if (peek() == '*') {
        at++;
        expect(']');
        return new Anything();
      }
      if (peek() == '\'' || peek() == '"') {
        List<String> names = new ArrayList<>();
        while (true) {
          names.add(quoted(peek()));
          blanks();
          if (peek() != ',') {
            break;
          }
          at++;
          blanks();
        }
        expect(']');
        return names.size() == 1 ? new Field(names.getFirst()) : new Names(names);
      }
      int end = text.indexOf(']', at);
      if (end < 0) {
        throw wrong("an unclosed [");
      }
      String inside = text.substring(at, end).strip();
      at = end + 1;
      return inside.contains(":")
          ? slice(inside)
          : new Index(java.util.Arrays.stream(inside.split(",")).map(this::number).toList());
    }

    private Step slice(String inside) {
      String[] numbers = inside.split(":", -1);
      Integer from = numbers[0].isBlank() ? null : number(numbers[0]);
      Integer to = numbers[1].isBlank() ? null : number(numbers[1]);
      int by = numbers.length > 2 && !numbers[2].isBlank() ? number(numbers[2]) : 1;
      if (by <= 0) {
        throw wrong("a slice's step must be positive");
      }
      return new Slice(from, to, by);
    }

    private int number(String digits) {
      try {
        return Integer.parseInt(digits.strip());
      } catch (NumberFormatException e) {
        throw wrong("\"" + digits + "\" is no index");
      }
    }

    private Step filter() {
      at++;
      expect('(');
      Operand left = operand();
      blanks();
      String operator = "";
      for (String candidate : List.of("==", "!=", "<=", ">=", "<", ">")) {
        if (operator.isEmpty() && text.startsWith(candidate, at)) {
          operator = candidate;
          at += candidate.length();
        }
      }
      Operand right = operator.isEmpty() ? new Literal("") : operand();
      blanks();
      expect(')');
      blanks();
      expect(']');
      return new Filter(left, operator, right);
    }

    private Operand operand() {
      blanks();
      if (peek() == '@' || peek() == '$' || peek() == '.') {
        return new Relative(steps());
      }
      if (peek() == '"' || peek() == '\'') {
        return new Literal(quoted(peek()));
      }
      int begin = at;
      while (at < text.length() && ")=!<> ".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return new Literal(text.substring(begin, at));
    }

    private String quoted(char quote) {
      at++;
      StringBuilder inner = new StringBuilder();
      while (at < text.length() && text.charAt(at) != quote) {
        char c = text.charAt(at++);
        if (c == '\\' && at < text.length()) {
          char escaped = text.charAt(at++);
          inner.append(
              switch (escaped) {
                case 'n' -> '\n';
                case 't' -> '\t';
                case 'r' -> '\r';
                default -> escaped;
              });
        } else {
          inner.append(c);
        }
      }
      expect(quote);
      return inner.toString();
    }

    private boolean word(String word) {
      int end = at + word.length();
      if (text.startsWith(word, at)
          && end < text.length()
          && !Character.isLetterOrDigit(text.charAt(end))) {
        at = end;
        return true;
      }
      return false;
    }

    private void close() {
      blanks();
      expect('}');
    }

    private void blanks() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }

    private void expect(char c) {
      if (peek() != c) {
        throw wrong("'" + c + "' is missing");
      }
      at++;
    }

    private Failure wrong(String what) {
      return new Failure(
          "error: error parsing jsonpath " + text + ": " + what + " at character " + (at + 1));
    }
  }
}
