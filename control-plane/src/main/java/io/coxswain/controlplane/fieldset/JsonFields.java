package io.coxswain.controlplane.fieldset;

import io.coxswain.controlplane.customresource.StructuralSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A JSON object whose members are owned one by one.
///
/// @param named members that the schema names
/// @param others of members that it does not name; null for anything
record JsonFields(Map<String, Shape<JsonNode>> named, @Nullable Shape<JsonNode> others)
    implements Shape.Fields<JsonNode> {

  /// In every object, if only empty.
  private static final String METADATA = "metadata";

  /// The books themselves are nobody's field.
  private static final String BOOKS = "managedFields";

  static JsonFields of(StructuralSchema schema, Map<String, Shape<JsonNode>> known) {
    Map<String, Shape<JsonNode>> named = new HashMap<>();
    schema.properties().forEach((name, part) -> named.put(name, JsonShapes.part(part)));
    named.putAll(known);
    return new JsonFields(
        Map.copyOf(named), schema.additional().map(JsonShapes::part).orElse(null));
  }

  private Shape<JsonNode> shape(String name) {
    Shape<JsonNode> shape = named.get(name);
    if (shape != null) {
      return shape;
    }
    return others == null ? JsonShapes.ANY : others;
  }

  @Override
  public List<Member> slots(@Nullable JsonNode left, @Nullable JsonNode right) {
    TreeSet<String> names = new TreeSet<>();
    if (left instanceof ObjectNode object) {
      names.addAll(object.propertyNames());
    }
    if (right instanceof ObjectNode object) {
      names.addAll(object.propertyNames());
    }
    List<Member> slots = new ArrayList<>(names.size());
    for (String name : names) {
      if (!name.equals(BOOKS)) {
        slots.add(
            member(name, JsonShapes.fitting(shape(name), member(left, name), member(right, name))));
      }
    }
    return slots;
  }

  @Override
  public Member slot(String name) {
    return member(name, shape(name));
  }

  private Member member(String name, Shape<JsonNode> shape) {
    PathElement.Field element = new PathElement.Field(name);
    return new Member(element, FieldSet.Node.leaf(element), shape, named.containsKey(name));
  }

  private static @Nullable JsonNode member(@Nullable JsonNode object, String name) {
    return object instanceof ObjectNode members ? members.get(name) : null;
  }

  @Override
  public boolean isEmpty(JsonNode value) {
    return value.isEmpty();
  }

  @Override
  public Shape.Edit<JsonNode> edit(@Nullable JsonNode base) {
    ObjectNode copy = JsonNodeFactory.instance.objectNode();
    if (base instanceof ObjectNode object) {
      copy.setAll(object);
    }
    return new Shape.Edit<>() {
      @Override
      public void set(Shape.Slot<JsonNode> slot, JsonNode value) {
        copy.set(slot.element().name(), value);
      }

      @Override
      public void remove(Shape.Slot<JsonNode> slot) {
        copy.remove(slot.element().name());
      }

      @Override
      public JsonNode done() {
        return copy;
      }
    };
  }

  record Member(
      PathElement.Field element, FieldSet.Node leaf, Shape<JsonNode> shape, boolean isNamed)
      implements Shape.Slot<JsonNode> {

    @Override
    public boolean isLasting() {
      return isNamed && element.name().equals(METADATA);
    }

    @Override
    public @Nullable JsonNode value(JsonNode object) {
      return member(object, element.name());
    }

    @Override
    public @Nullable JsonNode shown(JsonNode object) {
      return value(object);
    }
  }
}
