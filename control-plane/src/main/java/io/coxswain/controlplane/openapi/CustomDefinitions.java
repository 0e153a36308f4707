package io.coxswain.controlplane.openapi;

import io.coxswain.api.apiextensions.v1.JSONSchemaProps;
import io.coxswain.api.meta.v1.ListMeta;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.controlplane.customresource.CustomKind;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// JSON schemas of kinds that people define: their own words, with what every object has besides.
/// OpenAPI 2 cannot say all of it; what it cannot is left out there.
final class CustomDefinitions {

  private static final JsonCodec CODEC = new JsonCodec(Long.MAX_VALUE);
  private static final String UNKNOWN = "x-kubernetes-preserve-unknown-fields";
  private static final String EMBEDDED = "x-kubernetes-embedded-resource";
  private static final List<String> NOT_IN_V2 =
      List.of("oneOf", "anyOf", "allOf", "not", "nullable", "default", "x-kubernetes-validations");

  private final Definitions definitions;
  private final boolean v3;

  CustomDefinitions(Definitions definitions, boolean v3) {
    this.definitions = definitions;
    this.v3 = v3;
  }

  /// `com.example.stable.v1.CronTab`.
  static String nameOf(ResourceType<?> type) {
    List<String> labels = new ArrayList<>(Arrays.asList(type.group().split("\\.", -1)));
    Collections.reverse(labels);
    return String.join(".", labels) + "." + type.version() + "." + type.kind();
  }

  static boolean covers(ResourceType<?> type) {
    return type.prototype() instanceof CustomObject;
  }

  void add(ObjectNode all, CustomKind kind) {
    ResourceType<?> type = kind.type();
    all.set(nameOf(type), object(kind));
    ObjectNode list = JsonNodeFactory.instance.objectNode();
    list.put("description", type.listKind() + " is a list of " + type.kind());
    list.put("type", "object");
    list.putArray("required").add("items");
    ObjectNode properties = list.putObject("properties");
    names(properties);
    ObjectNode items = properties.putObject("items");
    items.put("description", "The objects.").put("type", "array");
    items.set("items", definitions.reference(nameOf(type)));
    properties.set("metadata", metadata(Definitions.nameOf(ListMeta.getDescriptor())));
    identify(list, type, type.listKind());
    all.set(nameOf(type) + "List", list);
  }

  private ObjectNode object(CustomKind kind) {
    boolean described =
        kind.version().hasSchema() && kind.version().getSchema().hasOpenAPIV3Schema();
    JSONSchemaProps props = kind.version().getSchema().getOpenAPIV3Schema();
    if (!v3 && (!described || props.getXKubernetesPreserveUnknownFields())) {
      // Readers of OpenAPI 2 take the named fields for all there are: what may hold anything names
      // none.
      ObjectNode anything = JsonNodeFactory.instance.objectNode().put("type", "object");
      identify(anything, kind.type(), kind.type().kind());
      return anything;
    }
    ObjectNode schema = described ? CODEC.toTree(props) : JsonNodeFactory.instance.objectNode();
    if (!described) {
      schema.put("type", "object");
      schema.put(UNKNOWN, true);
    }
    ObjectNode shown = v3 ? schema : forV2(schema);
    embed(shown);
    shown.put("type", "object");
    ObjectNode properties =
        shown.get("properties") instanceof ObjectNode known ? known : shown.putObject("properties");
    names(properties);
    properties.set("metadata", metadata(Definitions.nameOf(ObjectMeta.getDescriptor())));
    identify(shown, kind.type(), kind.type().kind());
    return shown;
  }

  private ObjectNode metadata(String name) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("description", "Name, labels and owners of the object.");
    if (v3) {
      node.putArray("allOf").add(definitions.reference(name));
    } else {
      node.setAll(definitions.reference(name));
    }
    return node;
  }

  private static void names(ObjectNode properties) {
    properties
        .putObject("apiVersion")
        .put(
            "description",
            "APIVersion defines in which version of its group the object is written.")
        .put("type", "string");
    properties
        .putObject("kind")
        .put("description", "What the object is, in CamelCase; it cannot be changed.")
        .put("type", "string");
  }

  private static void identify(ObjectNode node, ResourceType<?> type, String kind) {
    node.putArray("x-kubernetes-group-version-kind")
        .addObject()
        .put("group", type.group())
        .put("kind", kind)
        .put("version", type.version());
  }

  /// Objects inside of objects have a type and metadata, too.
  private void embed(JsonNode node) {
    if (node instanceof ObjectNode schema) {
      if (schema.path(EMBEDDED).asBoolean(false)) {
        ObjectNode properties =
            schema.get("properties") instanceof ObjectNode known
                ? known
                : schema.putObject("properties");
        names(properties);
        properties.set("metadata", metadata(Definitions.nameOf(ObjectMeta.getDescriptor())));
      }
      schema.values().forEach(this::embed);
    } else if (node instanceof ArrayNode list) {
      list.values().forEach(this::embed);
    }
  }

  /// What OpenAPI 2 can say of a schema.
  private static ObjectNode forV2(ObjectNode schema) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    boolean open =
        schema.path(UNKNOWN).asBoolean(false)
            || schema.path("nullable").asBoolean(false)
            || schema.path("x-kubernetes-int-or-string").asBoolean(false);
    schema.forEachEntry((name, value) -> {
      boolean needless =
          NOT_IN_V2.contains(name)
              || (open && List.of("type", "items", "properties").contains(name));
      if (needless) {
        return;
      }
      shown.set(
          name,
          switch (name) {
            case "properties" -> membersForV2(value);
            case "items", "additionalProperties" ->
                value instanceof ObjectNode inner ? forV2(inner) : value;
            default -> value;
          });
    });
    return shown;
  }

  private static JsonNode membersForV2(JsonNode properties) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    properties.forEachEntry(
        (name, value) -> shown.set(name, value instanceof ObjectNode inner ? forV2(inner) : value));
    return shown;
  }
}
