package io.coxswain.controlplane.aggregation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Of a server's document of OpenAPI 2, what concerns one version of a group: its paths, and the
/// definitions that these lead to. A server may only speak for what it is registered for.
final class Swagger {

  private static final String DEFINITION = "#/definitions/";
  private static final String KINDS = "x-kubernetes-group-version-kind";

  private Swagger() {}

  /// Missing when the document says nothing of the version.
  static JsonNode of(JsonNode document, ApiVersion version) {
    ObjectNode part = JsonNodeFactory.instance.objectNode();
    ObjectNode paths = part.putObject("paths");
    document
        .path("paths")
        .forEachEntry((path, item) -> {
          if (path.startsWith(version.path() + "/")) {
            paths.set(path, item);
          }
        });
    if (paths.isEmpty()) {
      return MissingNode.getInstance();
    }
    ObjectNode definitions = part.putObject("definitions");
    for (String name : reached(paths, document.path("definitions"))) {
      definitions.set(name, own(document.path("definitions").path(name), version));
    }
    return part;
  }

  private static Set<String> reached(JsonNode paths, JsonNode definitions) {
    Set<String> found = new HashSet<>();
    Deque<JsonNode> left = new ArrayDeque<>();
    left.push(paths);
    while (!left.isEmpty()) {
      JsonNode node = left.pop();
      String reference = node.path("$ref").asString("");
      if (reference.startsWith(DEFINITION)) {
        String name = reference.substring(DEFINITION.length());
        if (definitions.has(name) && found.add(name)) {
          left.push(definitions.path(name));
        }
      }
      node.forEach(left::push);
    }
    return found;
  }

  /// As which kinds others find a definition: only those of the version itself.
  private static JsonNode own(JsonNode definition, ApiVersion version) {
    if (!(definition.path(KINDS) instanceof ArrayNode kinds)) {
      return definition;
    }
    ObjectNode shown = (ObjectNode) definition.deepCopy();
    ArrayNode own = JsonNodeFactory.instance.arrayNode();
    for (JsonNode kind : kinds) {
      if (kind.path("group").asString("").equals(version.group())
          && kind.path("version").asString("").equals(version.version())) {
        own.add(kind);
      }
    }
    if (own.isEmpty()) {
      shown.remove(KINDS);
    } else {
      shown.set(KINDS, own);
    }
    return shown;
  }
}
