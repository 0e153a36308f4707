package io.coxswain.kubectl.document;

import io.coxswain.kubectl.Failure;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// JSON patches (RFC 6902), where no server applies them.
public final class JsonPatch {

  private JsonPatch() {}

  /// Changes the target, operation after operation.
  ///
  /// @throws Failure naming the operation that does not fit
  public static void apply(ObjectNode target, JsonNode patch) {
    for (JsonNode operation : patch) {
      List<String> path = pointer(Json.text(operation, "path"));
      switch (Json.text(operation, "op")) {
        case "add" -> add(target, path, Json.at(operation, "value"));
        case "remove" -> remove(target, path);
        case "replace" -> {
          find(target, path);
          replace(target, path, Json.at(operation, "value"));
        }
        case "copy" ->
            add(target, path, find(target, pointer(Json.text(operation, "from"))).deepCopy());
        case "move" -> {
          List<String> from = pointer(Json.text(operation, "from"));
          JsonNode moved = find(target, from);
          remove(target, from);
          add(target, path, moved);
        }
        case "test" -> {
          if (!find(target, path).equals(Json.at(operation, "value"))) {
            throw new Failure("error: testing path " + Json.text(operation, "path") + " failed");
          }
        }
        default ->
            throw new Failure(
                "error: a JSON patch knows no operation \""
                    + Json.text(operation, "op")
                    + "\": it is add, remove, replace, copy, move or test");
      }
    }
  }

  private static List<String> pointer(String text) {
    if (!text.startsWith("/")) {
      throw new Failure("error: a path in a JSON patch begins with /, not as \"" + text + "\"");
    }
    List<String> names = new ArrayList<>();
    for (String part : text.substring(1).split("/", -1)) {
      names.add(part.replace("~1", "/").replace("~0", "~"));
    }
    return names;
  }

  private static JsonNode find(JsonNode root, List<String> path) {
    JsonNode at = root;
    for (String name : path) {
      JsonNode next = at.isArray() ? at.get(index(name, at.size() - 1)) : at.get(name);
      if (next == null) {
        throw new Failure(
            "error: the JSON patch's path /" + String.join("/", path) + " is not there");
      }
      at = next;
    }
    return at;
  }

  private static void add(JsonNode root, List<String> path, JsonNode value) {
    JsonNode parent = find(root, path.subList(0, path.size() - 1));
    String last = path.getLast();
    if (parent instanceof ArrayNode list) {
      if (last.equals("-")) {
        list.add(value);
      } else {
        list.insert(index(last, list.size()), value);
      }
    } else if (parent instanceof ObjectNode object) {
      object.set(last, value);
    } else {
      throw new Failure("error: nothing can be added at /" + String.join("/", path));
    }
  }

  private static void replace(JsonNode root, List<String> path, JsonNode value) {
    JsonNode parent = find(root, path.subList(0, path.size() - 1));
    if (parent instanceof ArrayNode list) {
      list.set(index(path.getLast(), list.size() - 1), value);
    } else {
      ((ObjectNode) parent).set(path.getLast(), value);
    }
  }

  private static void remove(JsonNode root, List<String> path) {
    find(root, path);
    JsonNode parent = find(root, path.subList(0, path.size() - 1));
    if (parent instanceof ArrayNode list) {
      list.remove(index(path.getLast(), list.size() - 1));
    } else {
      ((ObjectNode) parent).remove(path.getLast());
    }
  }

  private static int index(String text, int most) {
    if (text.matches("0|[1-9]\\d{0,8}") && Integer.parseInt(text) <= most) {
      return Integer.parseInt(text);
    }
    throw new Failure("error: a JSON patch's index " + text + " is outside of its list");
  }
}
