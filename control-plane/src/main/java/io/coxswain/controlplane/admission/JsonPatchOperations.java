package io.coxswain.controlplane.admission;

import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// RFC 6902, on a tree in place: a patch of thousands of operations copies nothing. Libraries were
/// tried; the one for this tree removes what is not there without a word, and copies the whole.
final class JsonPatchOperations {

  /// An operation that cannot be applied, or is none.
  static final class InapplicableException extends Exception {
    InapplicableException(String message) {
      super(message);
    }
  }

  /// What copies may add, since each could double the object: in bytes as in Kubernetes, and in
  /// nodes, of which a few bytes can make one.
  private static final long MOST_COPIED_BYTES = 3 << 20;

  private static final int MOST_COPIED_NODES = 100_000;

  private JsonNode tree;
  private int copiedNodes;
  private long copiedBytes;

  private JsonPatchOperations(JsonNode tree) {
    this.tree = tree;
  }

  static JsonNode apply(JsonNode tree, List<JsonNode> operations) throws InapplicableException {
    JsonPatchOperations patch = new JsonPatchOperations(tree);
    for (JsonNode operation : operations) {
      patch.apply(operation);
    }
    return patch.tree;
  }

  private void apply(JsonNode operation) throws InapplicableException {
    JsonPointer path = pointer(operation, "path");
    switch (operation.path("op").asString("")) {
      case "add" -> add(path, value(operation));
      case "remove" -> remove(path);
      case "replace" -> replace(path, value(operation));
      case "copy" -> add(path, copy(existing(pointer(operation, "from"), "copy")));
      case "move" -> {
        JsonPointer from = pointer(operation, "from");
        if (path.toString().startsWith(from + "/")) {
          throw new InapplicableException("move of " + from + " into itself");
        }
        JsonNode moved = existing(from, "move");
        remove(from);
        add(path, moved);
      }
      case "test" -> {
        if (!tree.at(path).equals(value(operation))) {
          throw new InapplicableException("testing path " + path + " failed: it has another value");
        }
      }
      case String other ->
          throw new InapplicableException(
              "unknown operation \""
                  + other
                  + "\": expected add, remove, replace, move, copy or test");
    }
  }

  private static JsonPointer pointer(JsonNode operation, String name) throws InapplicableException {
    JsonNode text = operation.path(name);
    if (!text.isString()) {
      throw new InapplicableException("the operation " + operation + " has no \"" + name + "\"");
    }
    try {
      return JsonPointer.compile(text.asString());
    } catch (IllegalArgumentException e) {
      throw new InapplicableException("\"" + text.asString() + "\" is no path: " + e.getMessage());
    }
  }

  private static JsonNode value(JsonNode operation) throws InapplicableException {
    JsonNode value = operation.path("value");
    if (value.isMissingNode()) {
      throw new InapplicableException("the operation " + operation + " has no \"value\"");
    }
    return value;
  }

  private JsonNode existing(JsonPointer path, String name) throws InapplicableException {
    JsonNode node = tree.at(path);
    if (node.isMissingNode()) {
      throw new InapplicableException(
          name + " operation does not apply: there is nothing at " + path);
    }
    return node;
  }

  private JsonNode copy(JsonNode node) throws InapplicableException {
    copiedNodes += size(node);
    if (copiedNodes > MOST_COPIED_NODES) {
      throw new InapplicableException(
          "the patch copies more than " + MOST_COPIED_NODES + " values");
    }
    copiedBytes += node.toString().getBytes(StandardCharsets.UTF_8).length;
    if (copiedBytes > MOST_COPIED_BYTES) {
      throw new InapplicableException(
          "Unable to complete the copy, the accumulated size increase of copy is "
              + copiedBytes
              + ", exceeding the limit "
              + MOST_COPIED_BYTES);
    }
    return node.deepCopy();
  }

  private static int size(JsonNode node) {
    int size = 1;
    for (JsonNode child : node.values()) {
      size += size(child);
    }
    return size;
  }

  private void add(JsonPointer path, JsonNode value) throws InapplicableException {
    if (path.matches()) {
      tree = value;
      return;
    }
    String last = path.last().getMatchingProperty();
    switch (tree.at(path.head())) {
      case ObjectNode object -> object.set(last, value);
      case ArrayNode list when last.equals("-") -> list.add(value);
      case ArrayNode list when index(path) >= 0 && index(path) <= list.size() ->
          list.insert(index(path), value);
      default ->
          throw new InapplicableException("add operation does not apply: no place at " + path);
    }
  }

  private void remove(JsonPointer path) throws InapplicableException {
    existing(path, "remove");
    if (path.matches()) {
      throw new InapplicableException("remove operation does not apply: to the whole object");
    }
    switch (tree.at(path.head())) {
      case ObjectNode object -> object.remove(path.last().getMatchingProperty());
      case ArrayNode list -> list.remove(index(path));
      default ->
          throw new InapplicableException("remove operation does not apply: no place at " + path);
    }
  }

  /// Unlike RFC 6902, a member of an object that is not there is set, as kube-apiserver has it:
  /// clients rely on that, for an API's empty fields are not written.
  private void replace(JsonPointer path, JsonNode value) throws InapplicableException {
    if (path.matches()) {
      tree = value;
      return;
    }
    switch (tree.at(path.head())) {
      case ObjectNode object -> object.set(path.last().getMatchingProperty(), value);
      case ArrayNode list -> {
        existing(path, "replace");
        list.set(index(path), value);
      }
      default ->
          throw new InapplicableException("replace operation does not apply: no place at " + path);
    }
  }

  private static int index(JsonPointer path) {
    return path.last().getMatchingIndex();
  }
}
