package io.coxswain.controlplane.fieldset;

import io.coxswain.controlplane.customresource.StructuralSchema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The shapes of JSON trees, from the structural schema of a kind that people define. Where the
/// schema is silent, objects are owned entry by entry and lists as one.
public final class JsonShapes {

  /// Owned as one.
  static final Shape.Leaf<JsonNode> LEAF = JsonShapes::same;

  /// Of what the schema says nothing about.
  static final JsonFields ANY = new JsonFields(Map.of(), null);

  private static final JsonFields METADATA =
      new JsonFields(
          Map.of(
              "labels",
              ANY,
              "annotations",
              ANY,
              "finalizers",
              new JsonElements(LEAF, List.of()),
              "ownerReferences",
              new JsonElements(LEAF, List.of(new JsonElements.KeyField("uid", null)))),
          LEAF);

  private JsonShapes() {}

  /// The shape of a whole object of a kind.
  public static Shape.Fields<JsonNode> of(StructuralSchema schema) {
    return JsonFields.of(schema, Map.of("apiVersion", LEAF, "kind", LEAF, "metadata", METADATA));
  }

  static Shape<JsonNode> part(StructuralSchema schema) {
    if (schema.props().getType().equals("array")) {
      return switch (schema.props().getXKubernetesListType()) {
        case "map" -> JsonElements.of(schema);
        case "set" -> new JsonElements(LEAF, List.of());
        default -> LEAF;
      };
    }
    if (schema.props().getXKubernetesMapType().equals("atomic")) {
      return LEAF;
    }
    return schema.props().getType().equals("object") || holdsAnything(schema)
        ? JsonFields.of(schema, Map.of())
        : LEAF;
  }

  private static boolean holdsAnything(StructuralSchema schema) {
    return schema.props().getType().isEmpty()
        && schema.props().getXKubernetesPreserveUnknownFields();
  }

  /// The shape of a value, or of two of them: what is not of the schema's form is owned as one.
  static Shape<JsonNode> fitting(
      Shape<JsonNode> shape, @Nullable JsonNode left, @Nullable JsonNode right) {
    return switch (shape) {
      case Shape.Leaf<JsonNode> leaf -> leaf;
      case Shape.Fields<JsonNode> fields ->
          (left == null || left instanceof ObjectNode)
                  && (right == null || right instanceof ObjectNode)
              ? fields
              : LEAF;
      case Shape.Elements<JsonNode> elements ->
          (left == null || left instanceof ArrayNode)
                  && (right == null || right instanceof ArrayNode)
              ? elements
              : LEAF;
    };
  }

  /// Numbers are one whatever holds them.
  private static boolean same(JsonNode left, JsonNode right) {
    return left.equals(right) || left.toString().equals(right.toString());
  }
}
