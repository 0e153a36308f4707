package io.coxswain.controlplane.customresource;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Lists that are sets, and lists that are maps: no element twice.
final class ListTypes {

  private ListTypes() {}

  static void check(JsonNode value, StructuralSchema schema, String path, Faults faults) {
    checkChange(Optional.empty(), value, schema, path, faults);
  }

  /// @param before what is as it was is not looked at
  static void checkChange(
      Optional<JsonNode> before,
      JsonNode value,
      StructuralSchema schema,
      String path,
      Faults faults) {
    if (before.isPresent() && before.get().equals(value)) {
      return;
    }
    switch (value) {
      case ObjectNode object ->
          object.forEachEntry((name, inner) ->
              schema
                  .member(name)
                  .ifPresent(member ->
                      checkChange(
                          before.map(old -> old.get(name)),
                          inner,
                          member,
                          schema.pathOf(path, name),
                          faults)));
      case ArrayNode list when schema.items().isPresent() -> {
        unique(list, schema, path, faults);
        for (int i = 0; i < list.size(); i++) {
          int at = i;
          checkChange(
              before.flatMap(old -> counterpart(old, list, at, schema)),
              list.get(i),
              schema.items().get(),
              path + "[" + i + "]",
              faults);
        }
      }
      default -> {
        // a scalar has nothing inside
      }
    }
  }

  private static void unique(ArrayNode list, StructuralSchema schema, String path, Faults faults) {
    Set<JsonNode> seen = new HashSet<>();
    switch (schema.props().getXKubernetesListType()) {
      case "set" -> {
        for (int i = 0; i < list.size(); i++) {
          if (!seen.add(list.get(i))) {
            faults.duplicate(path + "[" + i + "]", Faults.shown(list.get(i)));
          }
        }
      }
      case "map" -> {
        for (int i = 0; i < list.size(); i++) {
          JsonNode key = key(list.get(i), schema);
          if (!seen.add(key)) {
            faults.duplicate(path + "[" + i + "]", Faults.shown(key));
          }
        }
      }
      default -> {
        // elements may repeat
      }
    }
  }

  /// What tells an element apart. A key that is absent counts by its default.
  private static JsonNode key(JsonNode element, StructuralSchema schema) {
    Map<String, JsonNode> key = new LinkedHashMap<>();
    StructuralSchema items = schema.items().orElseThrow();
    for (String name : schema.props().getXKubernetesListMapKeysList()) {
      JsonNode value = element.get(name);
      if (value != null) {
        key.put(name, value);
      } else {
        items
            .member(name)
            .flatMap(StructuralSchema::defaultValue)
            .ifPresent(standard -> key.put(name, standard));
      }
    }
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    key.forEach(node::set);
    return node;
  }

  /// The element of an older list that an element stands for: in a map the one with the same key.
  /// Elements of other lists stand for none, since they have no identity.
  static Optional<JsonNode> counterpart(
      JsonNode before, ArrayNode list, int at, StructuralSchema schema) {
    if (!(before instanceof ArrayNode old)
        || !schema.props().getXKubernetesListType().equals("map")) {
      return Optional.empty();
    }
    JsonNode key = key(list.get(at), schema);
    List<JsonNode> same =
        old.values().stream().filter(element -> key(element, schema).equals(key)).toList();
    return same.size() == 1 ? Optional.of(same.getFirst()) : Optional.empty();
  }
}
