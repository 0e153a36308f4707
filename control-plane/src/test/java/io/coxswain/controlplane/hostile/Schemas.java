package io.coxswain.controlplane.hostile;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Made-up schemas of custom kinds: words of OpenAPI in combinations, some of which make sense.
final class Schemas {

  private static final List<String> TYPES =
      List.of("object", "array", "string", "integer", "number", "boolean", "null", "any", "");

  private static final List<String> NUMBERS =
      List.of(
          "minimum",
          "maximum",
          "multipleOf",
          "minLength",
          "maxLength",
          "minItems",
          "maxItems",
          "minProperties",
          "maxProperties");

  private static final List<String> FLAGS =
      List.of(
          "nullable",
          "uniqueItems",
          "exclusiveMinimum",
          "x-kubernetes-preserve-unknown-fields",
          "x-kubernetes-embedded-resource",
          "x-kubernetes-int-or-string");

  private static final List<String> WORDS =
      List.of(
          "pattern",
          "format",
          "title",
          "description",
          "$ref",
          "id",
          "x-kubernetes-list-type",
          "x-kubernetes-map-type");

  private Schemas() {}

  static ObjectNode random(Chance chance, int depth) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    String type = chance.of(TYPES);
    schema.put("type", type);
    if (depth > 0) {
      switch (chance.below(6)) {
        case 0 -> schema.set("items", random(chance, depth - 1));
        case 1 -> schema.set("additionalProperties", random(chance, depth - 1));
        case 2 ->
            schema
                .putArray(chance.of(List.of("allOf", "anyOf", "oneOf")))
                .add(random(chance, depth - 1));
        case 3 -> schema.set("not", random(chance, depth - 1));
        default ->
            schema
                .putObject("properties")
                .set(chance.of(List.of("a", "b", "metadata", "")), random(chance, depth - 1));
      }
    }
    int more = chance.below(4);
    for (int i = 0; i < more; i++) {
      switch (chance.below(7)) {
        case 0 -> schema.set(chance.of(NUMBERS), Nasty.value(chance));
        case 1 -> schema.put(chance.of(FLAGS), true);
        case 2 -> schema.put(chance.of(WORDS), chance.of(Nasty.TEXTS));
        case 3 -> schema.set("default", Nasty.value(chance));
        case 4 -> schema.putArray("enum").add(Nasty.value(chance)).add(Nasty.value(chance));
        case 5 -> schema.putArray("required").add(chance.of(Nasty.TEXTS));
        default ->
            schema
                .putArray("x-kubernetes-validations")
                .addObject()
                .put("rule", Expressions.random(chance, List.of("self", "self.a", "self[0]")));
      }
    }
    return schema;
  }

  /// A value as a schema has it, but for what is wrong on the way.
  static JsonNode value(JsonNode schema, Chance chance) {
    if (chance.percent(15)) {
      return Nasty.value(chance);
    }
    JsonNodeFactory json = JsonNodeFactory.instance;
    return switch (schema.path("type").asString("")) {
      case "object" -> {
        ObjectNode object = json.objectNode();
        schema
            .path("properties")
            .properties()
            .forEach(field -> object.set(field.getKey(), value(field.getValue(), chance)));
        if (schema.has("additionalProperties")) {
          object.set("more", value(schema.path("additionalProperties"), chance));
        }
        yield object;
      }
      case "array" -> {
        ArrayNode list = json.arrayNode();
        int length = chance.percent(3) ? 3000 : chance.below(4);
        for (int i = 0; i < length; i++) {
          list.add(value(schema.path("items"), chance));
        }
        yield list;
      }
      case "string" -> json.stringNode(chance.of(Nasty.TEXTS));
      case "integer", "number" -> json.numberNode(chance.below(1000));
      case "boolean" -> json.booleanNode(chance.percent(50));
      default -> Nasty.value(chance);
    };
  }
}
