package io.coxswain.controlplane.hostile;

import java.util.List;
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
                .put("rule", chance.of(Nasty.TEXTS));
      }
    }
    return schema;
  }
}
