package io.coxswain.controlplane.fieldset;

import io.coxswain.controlplane.customresource.StructuralSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// A JSON list whose elements are owned one by one: known by members of theirs, or, in a set, by
/// themselves.
///
/// @param keys sorted by name; none for a set
record JsonElements(Shape<JsonNode> item, List<KeyField> keys) implements Shape.Elements<JsonNode> {

  /// @param standard the value taken when absent; null for none
  record KeyField(String name, @Nullable Scalar standard) {}

  static JsonElements of(StructuralSchema list) {
    List<KeyField> keys = new ArrayList<>();
    for (String name : list.props().getXKubernetesListMapKeysList().stream().sorted().toList()) {
      Optional<JsonNode> standard =
          list.items().flatMap(item -> item.member(name)).flatMap(StructuralSchema::defaultValue);
      keys.add(new KeyField(name, standard.map(JsonElements::scalar).orElse(null)));
    }
    return new JsonElements(
        list.items().map(JsonShapes::part).orElse(JsonShapes.LEAF), List.copyOf(keys));
  }

  @Override
  public List<JsonNode> items(JsonNode list) {
    return list instanceof ArrayNode array ? List.copyOf(array.values()) : List.of();
  }

  @Override
  public JsonNode list(List<JsonNode> items) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    items.forEach(list::add);
    return list;
  }

  @Override
  public PathElement element(JsonNode value) {
    if (keys.isEmpty()) {
      return new PathElement.Value(scalar(value));
    }
    List<PathElement.Part> parts = new ArrayList<>(keys.size());
    for (KeyField key : keys) {
      JsonNode there = value.get(key.name());
      Scalar part = there == null ? key.standard() : scalar(there);
      if (part != null) {
        parts.add(new PathElement.Part(key.name(), part));
      }
    }
    return new PathElement.Key(parts);
  }

  @Override
  public String missingKey(JsonNode value) {
    for (KeyField key : keys) {
      if (key.standard() == null && !value.has(key.name())) {
        return key.name();
      }
    }
    return "";
  }

  private static Scalar scalar(JsonNode value) {
    if (value.isString()) {
      return new Scalar.Text(value.asString());
    }
    if (value.isIntegralNumber() && value.canConvertToLong()) {
      return new Scalar.Whole(value.asLong());
    }
    if (value.isNumber()) {
      return new Scalar.Real(value.asDouble());
    }
    return value.isBoolean()
        ? new Scalar.Truth(value.asBoolean())
        : new Scalar.Json(value.toString());
  }
}
