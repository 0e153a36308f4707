package io.coxswain.kubectl.template;

import io.coxswain.kubectl.document.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;

/// The functions that templates may call: Go's own, and kubectl's `exists` and `base64decode`.
/// `and` and `or`, which do not look at all of their arguments, are [GoTemplate]'s.
final class Functions {

  private Functions() {}

  /// @throws TemplateFailure when there is none of that name, or the arguments do not fit
  static JsonNode call(String name, List<JsonNode> arguments) {
    return switch (name) {
      case "not" -> truth(!isTrue(one(name, arguments)));
      case "len" -> Json.object().numberNode(length(one(name, arguments)));
      case "index" -> index(arguments);
      case "slice" -> slice(arguments);
      case "exists" -> truth(!index(arguments).isMissingNode());
      case "print" -> text(print(arguments));
      case "println" ->
          text(arguments.stream().map(GoFormat::plain).collect(Collectors.joining(" ")) + "\n");
      case "printf" -> text(GoFormat.printf(arguments));
      case "html" -> text(html(print(arguments)));
      case "js" -> text(js(print(arguments)));
      case "urlquery" -> text(URLEncoder.encode(print(arguments), StandardCharsets.UTF_8));
      case "base64decode" -> text(decoded(one(name, arguments).asString()));
      case "eq" -> truth(isAny(arguments));
      case "ne" -> truth(!isEqual(first(name, arguments), arguments.get(1)));
      case "lt" -> truth(order(name, arguments) < 0);
      case "le" -> truth(order(name, arguments) <= 0);
      case "gt" -> truth(order(name, arguments) > 0);
      case "ge" -> truth(order(name, arguments) >= 0);
      default -> throw new TemplateFailure("function \"" + name + "\" not defined");
    };
  }

  /// What is empty or nothing is false.
  static boolean isTrue(JsonNode value) {
    return switch (value.getNodeType()) {
      case MISSING, NULL -> false;
      case BOOLEAN -> value.booleanValue();
      case NUMBER -> value.decimalValue().signum() != 0;
      case STRING -> !value.stringValue().isEmpty();
      case ARRAY, OBJECT -> !value.isEmpty();
      case BINARY, POJO -> true;
    };
  }

  private static JsonNode text(String text) {
    return Json.object().stringNode(text);
  }

  private static JsonNode truth(boolean value) {
    return Json.object().booleanNode(value);
  }

  private static JsonNode one(String name, List<JsonNode> arguments) {
    if (arguments.size() != 1) {
      throw new TemplateFailure(
          "wrong number of args for " + name + ": want 1 got " + arguments.size());
    }
    return arguments.getFirst();
  }

  private static JsonNode first(String name, List<JsonNode> arguments) {
    if (arguments.size() != 2) {
      throw new TemplateFailure(
          "wrong number of args for " + name + ": want 2 got " + arguments.size());
    }
    return arguments.getFirst();
  }

  private static int length(JsonNode value) {
    if (value.isString()) {
      return value.stringValue().getBytes(StandardCharsets.UTF_8).length;
    }
    if (!value.isContainer()) {
      throw new TemplateFailure("error calling len: " + GoFormat.plain(value) + " has no length");
    }
    return value.size();
  }

  private static JsonNode index(List<JsonNode> arguments) {
    JsonNode at = arguments.isEmpty() ? MissingNode.getInstance() : arguments.getFirst();
    for (JsonNode key : arguments.subList(Math.min(1, arguments.size()), arguments.size())) {
      if (at.isArray()) {
        int position = key.isNumber() ? key.intValue() : -1;
        JsonNode item = position < 0 ? null : at.get(position);
        if (item == null) {
          throw new TemplateFailure(
              "error calling index: index out of range: " + GoFormat.plain(key));
        }
        at = item;
      } else if (at.isObject()) {
        at = Json.at(at, key.asString());
      } else if (at.isMissingNode() || at.isNull()) {
        return MissingNode.getInstance();
      } else {
        throw new TemplateFailure(
            "error calling index: can't index item of type " + at.getNodeType());
      }
    }
    return at;
  }

  private static JsonNode slice(List<JsonNode> arguments) {
    JsonNode whole = arguments.isEmpty() ? MissingNode.getInstance() : arguments.getFirst();
    int length = length(whole);
    int from = arguments.size() > 1 ? arguments.get(1).intValue() : 0;
    int to = arguments.size() > 2 ? arguments.get(2).intValue() : length;
    if (from < 0 || to > length || from > to) {
      throw new TemplateFailure("error calling slice: index out of range: " + from + ":" + to);
    }
    if (whole.isString()) {
      return text(whole.stringValue().substring(from, to));
    }
    ArrayNode part = Json.object().putArray("part");
    for (int i = from; i < to; i++) {
      part.add(whole.get(i));
    }
    return part;
  }

  /// With blanks between two that are both no strings.
  private static String print(List<JsonNode> arguments) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < arguments.size(); i++) {
      if (i > 0 && !arguments.get(i).isString() && !arguments.get(i - 1).isString()) {
        text.append(' ');
      }
      text.append(GoFormat.plain(arguments.get(i)));
    }
    return text.toString();
  }

  private static String html(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&#34;")
        .replace("'", "&#39;");
  }

  private static String js(String text) {
    return text.replace("\\", "\\\\")
        .replace("'", "\\'")
        .replace("\"", "\\\"")
        .replace("<", "\\u003C")
        .replace(">", "\\u003E")
        .replace("&", "\\u0026")
        .replace("=", "\\u003D")
        .replace("\n", "\\u000A");
  }

  private static String decoded(String text) {
    try {
      return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new TemplateFailure("error calling base64decode: " + e.getMessage());
    }
  }

  private static boolean isAny(List<JsonNode> arguments) {
    if (arguments.size() < 2) {
      throw new TemplateFailure("error calling eq: missing argument for comparison");
    }
    return arguments.subList(1, arguments.size()).stream()
        .anyMatch(other -> isEqual(arguments.getFirst(), other));
  }

  private static boolean isEqual(JsonNode one, JsonNode other) {
    if (one.isNumber() && other.isNumber()) {
      return one.decimalValue().compareTo(other.decimalValue()) == 0;
    }
    boolean nothing = one.isMissingNode() || one.isNull();
    return nothing ? other.isMissingNode() || other.isNull() : one.equals(other);
  }

  private static int order(String name, List<JsonNode> arguments) {
    JsonNode one = first(name, arguments);
    JsonNode other = arguments.get(1);
    if (one.isNumber() && other.isNumber()) {
      return one.decimalValue().compareTo(other.decimalValue());
    }
    if (one.isString() && other.isString()) {
      return one.stringValue().compareTo(other.stringValue());
    }
    throw new TemplateFailure("error calling " + name + ": incompatible types for comparison");
  }
}
