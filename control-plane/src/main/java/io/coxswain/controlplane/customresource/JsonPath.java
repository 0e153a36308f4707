package io.coxswain.controlplane.customresource;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Where something is found in an object, in the part of JSONPath that definitions use:
/// `.spec.replicas`, `.metadata.annotations['a.b/c']`, `.spec.ports[0].name`,
/// `.spec.ports[*].name`, `.status.conditions[?(@.type=="Ready")].status`.
public final class JsonPath {

  private static final int MOST_STEPS = 64;

  private static final Pattern CONDITION =
      Pattern.compile(
          "\\?\\(\\s*@((?:\\.[^\\s=!.]+)+)\\s*(==|!=)\\s*(\"[^\"]*\"|'[^']*'|[^\\s\"')]+)\\s*\\)");

  private sealed interface Step {}

  private record Member(String name) implements Step {}

  private record Element(int index) implements Step {}

  private record All() implements Step {}

  /// @param path below each element
  private record Where(List<String> path, boolean equal, String value) implements Step {}

  private final List<Step> steps;

  private JsonPath(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /// @return nothing when it is malformed, or more than is understood
  public static Optional<JsonPath> parse(String text) {
    String path = text.strip();
    if (path.startsWith("{") && path.endsWith("}")) {
      path = path.substring(1, path.length() - 1);
    }
    if (path.startsWith("$")) {
      path = path.substring(1);
    }
    List<Step> steps = new ArrayList<>();
    int at = 0;
    while (at < path.length() && steps.size() < MOST_STEPS) {
      int end;
      if (path.charAt(at) == '.') {
        end = member(path, at + 1, steps);
      } else if (path.charAt(at) == '[') {
        end = bracket(path, at + 1, steps);
      } else {
        end = -1;
      }
      if (end < 0) {
        return Optional.empty();
      }
      at = end;
    }
    return steps.isEmpty() || at < path.length()
        ? Optional.empty()
        : Optional.of(new JsonPath(steps));
  }

  private static int member(String path, int start, List<Step> steps) {
    StringBuilder name = new StringBuilder();
    int at = start;
    while (at < path.length() && path.charAt(at) != '.' && path.charAt(at) != '[') {
      if (path.charAt(at) == '\\' && at + 1 < path.length()) {
        at++;
      }
      name.append(path.charAt(at++));
    }
    if (name.isEmpty()) {
      return -1;
    }
    steps.add(name.toString().equals("*") ? new All() : new Member(name.toString()));
    return at;
  }

  private static int bracket(String path, int start, List<Step> steps) {
    int end = closing(path, start);
    if (end < 0) {
      return -1;
    }
    String inside = path.substring(start, end).strip();
    Matcher condition = CONDITION.matcher(inside);
    if (inside.equals("*")) {
      steps.add(new All());
    } else if (inside.matches("-?\\d{1,6}")) {
      steps.add(new Element(Integer.parseInt(inside)));
    } else if (inside.length() > 1 && "'\"".indexOf(inside.charAt(0)) >= 0) {
      steps.add(new Member(unquoted(inside)));
    } else if (condition.matches()) {
      List<String> names = List.of(condition.group(1).substring(1).split("\\.", -1));
      steps.add(new Where(names, condition.group(2).equals("=="), unquoted(condition.group(3))));
    } else {
      return -1;
    }
    return end + 1;
  }

  /// Where the bracket ends: brackets inside of quotes do not count.
  private static int closing(String path, int start) {
    char quote = 0;
    for (int i = start; i < path.length(); i++) {
      char c = path.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == ']') {
        return i;
      }
    }
    return -1;
  }

  private static String unquoted(String text) {
    boolean quoted = text.length() > 1 && "'\"".indexOf(text.charAt(0)) >= 0;
    return quoted ? text.substring(1, text.length() - 1) : text;
  }

  /// The names of the path, when it is nothing but names.
  public Optional<List<String>> names() {
    List<String> names = new ArrayList<>();
    for (Step step : steps) {
      if (!(step instanceof Member(String name))) {
        return Optional.empty();
      }
      names.add(name);
    }
    return Optional.of(names);
  }

  /// All that the path leads to; nothing where a step leads nowhere.
  public List<JsonNode> find(JsonNode object) {
    List<JsonNode> found = List.of(object);
    for (Step step : steps) {
      List<JsonNode> next = new ArrayList<>();
      for (JsonNode node : found) {
        take(node, step, next);
      }
      found = next;
    }
    return found;
  }

  private static void take(JsonNode node, Step step, List<JsonNode> next) {
    switch (step) {
      case Member(String name) -> add(node.get(name), next);
      case Element(int index) -> add(node.get(index < 0 ? node.size() + index : index), next);
      case All() -> next.addAll(node.values());
      case Where(List<String> path, boolean equal, String value) -> {
        for (JsonNode element : node.values()) {
          JsonNode at = element;
          for (String name : path) {
            at = at.path(name);
          }
          if (at.isValueNode() && at.asString().equals(value) == equal) {
            next.add(element);
          }
        }
      }
    }
  }

  private static void add(@org.jspecify.annotations.Nullable JsonNode node, List<JsonNode> to) {
    if (node != null) {
      to.add(node);
    }
  }
}
