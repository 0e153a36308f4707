package io.coxswain.controlplane.openapi;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// One document of OpenAPI 2 of what several servers say. Where two have different definitions of
/// one name, the later one gets another name, as in Kubernetes: `…ObjectMeta_v2`.
public final class MergedOpenApi {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String DEFINITION = "#/definitions/";

  private final OpenApi own;
  private final List<JsonNode> others;
  private final Document document = new Document();

  /// @param own documents
  /// @param others each with `paths` and `definitions`; they are not changed
  public MergedOpenApi(OpenApi own, List<JsonNode> others) {
    this.own = own;
    this.others = List.copyOf(others);
  }

  /// The document, as JSON. Made when it is asked for first.
  public byte[] v2() {
    return others.isEmpty() ? own.v2() : document.bytes(() -> of(own.v2(), others));
  }

  static byte[] of(byte[] own, List<JsonNode> others) {
    ObjectNode root = (ObjectNode) JSON.readTree(own);
    ObjectNode paths = root.withObject("/paths");
    ObjectNode definitions = root.withObject("/definitions");
    for (JsonNode other : others) {
      Map<String, String> names = new HashMap<>();
      JsonNode theirs = other.path("definitions");
      theirs.forEachEntry((name, definition) -> {
        String free = name;
        for (int i = 2; definitions.has(free) && !definitions.path(free).equals(definition); i++) {
          free = name + "_v" + i;
        }
        if (!free.equals(name)) {
          names.put(DEFINITION + name, DEFINITION + free);
        }
      });
      theirs.forEachEntry((name, definition) -> {
        String free = names.getOrDefault(DEFINITION + name, DEFINITION + name);
        definitions.set(free.substring(DEFINITION.length()), renamed(definition, names));
      });
      other
          .path("paths")
          .forEachEntry((path, item) -> {
            if (!paths.has(path)) {
              paths.set(path, renamed(item, names));
            }
          });
    }
    return JSON.writeValueAsBytes(root);
  }

  /// A copy whose references lead to the new names.
  private static JsonNode renamed(JsonNode node, Map<String, String> names) {
    if (names.isEmpty()) {
      return node;
    }
    return switch (node) {
      case ObjectNode object -> {
        ObjectNode copy = JsonNodeFactory.instance.objectNode();
        object.forEachEntry((name, value) -> {
          String to = name.equals("$ref") ? value.asString("") : "";
          if (names.containsKey(to)) {
            copy.put(name, names.get(to));
          } else {
            copy.set(name, renamed(value, names));
          }
        });
        yield copy;
      }
      case ArrayNode list -> {
        ArrayNode copy = JsonNodeFactory.instance.arrayNode();
        list.forEach(value -> copy.add(renamed(value, names)));
        yield copy;
      }
      default -> node;
    };
  }
}
