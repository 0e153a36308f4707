package io.coxswain.controlplane.openapi;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.ObjectKind;
import io.coxswain.schema.Schema;
import io.coxswain.schema.options.JsonForm;
import io.coxswain.schema.options.ListType;
import io.coxswain.schema.options.MapType;
import io.coxswain.schema.options.Options;
import io.coxswain.schema.options.PatchStrategy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// One JSON schema for each message, under the name that Kubernetes gives it.
final class Definitions {

  private static final JsonMapper JSON = new JsonMapper();

  private final Schema schema;
  private final boolean v3;
  private final String prefix;

  /// @param v3 the dialect of OpenAPI 3, else of 2
  Definitions(Schema schema, boolean v3) {
    this.schema = schema;
    this.v3 = v3;
    this.prefix = v3 ? "#/components/schemas/" : "#/definitions/";
  }

  /// `io.k8s.api.core.v1.Pod`.
  static String nameOf(Descriptor message) {
    String upstream = message.getFile().getOptions().getExtension(Options.upstream);
    String home = upstream.isEmpty() ? message.getFile().getPackage() : upstream;
    return home.replaceFirst("^k8s\\.io\\.", "io.k8s.") + "." + message.getName();
  }

  ObjectNode reference(Descriptor message) {
    return reference(nameOf(message));
  }

  ObjectNode reference(String name) {
    return JSON.createObjectNode().put("$ref", prefix + name);
  }

  /// Adds the messages and all that they consist of.
  void addAll(ObjectNode definitions, Iterable<Descriptor> roots) {
    Deque<Descriptor> open = new ArrayDeque<>();
    Set<String> known = new TreeSet<>();
    roots.forEach(open::add);
    while (!open.isEmpty()) {
      Descriptor message = open.removeFirst();
      if (!known.add(nameOf(message))) {
        continue;
      }
      definitions.set(nameOf(message), definition(message));
      for (MessageSchema.Place place : MessageSchema.of(message).jsonFields().values()) {
        if (place.field().holdsMessages()) {
          open.add(place.field().message().descriptor());
        }
      }
    }
  }

  private ObjectNode definition(Descriptor message) {
    MessageSchema compiled = MessageSchema.of(message);
    ObjectNode node = JSON.createObjectNode();
    describe(node, schema.comment(message));
    if (compiled.jsonForm() != JsonForm.OBJECT) {
      scalarForm(node, compiled.jsonForm());
      return node;
    }
    node.put("type", "object");
    List<String> required = new ArrayList<>();
    ObjectNode properties = JSON.createObjectNode();
    schema.kindOf(message).ifPresent(kind -> identify(node, properties, message, kind));
    compiled
        .jsonFields()
        .forEach((name, place) -> {
          properties.set(name, property(place.field()));
          if (place.field().required()) {
            required.add(name);
          }
        });
    if (!properties.isEmpty()) {
      node.set("properties", properties);
    }
    if (!required.isEmpty()) {
      required.forEach(node.putArray("required")::add);
    }
    if (compiled.atomic()) {
      node.put("x-kubernetes-map-type", "atomic");
    }
    return node;
  }

  private static void identify(
      ObjectNode node, ObjectNode properties, Descriptor message, ObjectKind kind) {
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
    // Options go with every group; only real kinds say which one they are.
    if (!message.getName().endsWith("Options")) {
      node.putArray("x-kubernetes-group-version-kind")
          .addObject()
          .put("group", kind.group())
          .put("kind", kind.kind())
          .put("version", kind.version());
    }
  }

  private ObjectNode property(FieldSchema field) {
    ObjectNode node = JSON.createObjectNode();
    if (field.isMap()) {
      node.put("type", "object");
      node.set("additionalProperties", value(field));
      if (field.mapType() == MapType.MAP_ATOMIC) {
        node.put("x-kubernetes-map-type", "atomic");
      }
    } else if (field.isList()) {
      node.put("type", "array");
      node.set("items", value(field));
      listType(node, field);
    } else {
      node = value(field);
    }
    patching(node, field);
    ObjectNode described = node;
    describe(described, schema.comment(field.descriptor()));
    if (!field.defaultJson().isEmpty()) {
      defaultValue(node, field.defaultJson());
    }
    if (!field.enumValues().isEmpty()) {
      ArrayNode values = node.putArray("enum");
      field.enumValues().forEach(values::add);
    }
    return node;
  }

  private static void defaultValue(ObjectNode node, String json) {
    try {
      node.set("default", JSON.readTree(json));
    } catch (JacksonException e) {
      throw new IllegalStateException("a default in the schema is not JSON: " + json, e);
    }
  }

  private static void listType(ObjectNode node, FieldSchema field) {
    if (field.listType() == ListType.LIST_TYPE_UNSPECIFIED) {
      return;
    }
    node.put("x-kubernetes-list-type", field.listType().name().toLowerCase(java.util.Locale.ROOT));
    if (!field.listMapKeys().isEmpty()) {
      ArrayNode keys = node.putArray("x-kubernetes-list-map-keys");
      field.listMapKeys().forEach(keys::add);
    }
  }

  private static void patching(ObjectNode node, FieldSchema field) {
    if (!field.mergeKey().isEmpty()) {
      node.put("x-kubernetes-patch-merge-key", field.mergeKey());
    }
    List<String> strategies = new ArrayList<>();
    for (PatchStrategy strategy : new TreeSet<>(field.patchStrategies())) {
      switch (strategy) {
        case MERGE -> strategies.add("merge");
        case REPLACE -> strategies.add("replace");
        case RETAIN_KEYS -> strategies.add("retainKeys");
        case PATCH_STRATEGY_UNSPECIFIED, UNRECOGNIZED -> {}
      }
    }
    if (!strategies.isEmpty()) {
      node.put("x-kubernetes-patch-strategy", String.join(",", strategies));
    }
  }

  private ObjectNode value(FieldSchema field) {
    FieldDescriptor descriptor = field.valueDescriptor();
    if (descriptor.getJavaType() == JavaType.MESSAGE) {
      Descriptor message = descriptor.getMessageType();
      if (!v3) {
        return reference(message);
      }
      // OpenAPI 3.0 allows nothing beside a $ref.
      ObjectNode node = JSON.createObjectNode();
      node.putArray("allOf").add(reference(message));
      return node;
    }
    ObjectNode node = JSON.createObjectNode();
    switch (descriptor.getJavaType()) {
      case INT -> node.put("type", "integer").put("format", "int32");
      case LONG -> node.put("type", "integer").put("format", "int64");
      case FLOAT, DOUBLE -> node.put("type", "number").put("format", "double");
      case BOOLEAN -> node.put("type", "boolean");
      case BYTE_STRING -> node.put("type", "string").put("format", "byte");
      case STRING, ENUM -> node.put("type", "string");
      case MESSAGE -> throw new IllegalStateException("handled above");
    }
    return node;
  }

  private void scalarForm(ObjectNode node, JsonForm form) {
    switch (form) {
      case QUANTITY -> oneOf(node, "", "string", "number");
      case TIME, MICRO_TIME -> node.put("type", "string").put("format", "date-time");
      case INT_OR_STRING -> oneOf(node, "int-or-string", "integer", "string");
      case DURATION -> node.put("type", "string");
      case RAW -> node.put("type", "object");
      case EITHER -> {
        // anything that its fields can be
      }
      case STRINGS -> node.put("type", "array").putObject("items").put("type", "string");
      case OBJECT, UNRECOGNIZED -> throw new IllegalStateException("no scalar: " + form);
    }
  }

  private void oneOf(ObjectNode node, String format, String first, String second) {
    if (!format.isEmpty()) {
      node.put("format", format);
    }
    if (!v3) {
      node.put("type", "string");
      return;
    }
    ArrayNode either = node.putArray("oneOf");
    either.addObject().put("type", first);
    either.addObject().put("type", second);
  }

  private static void describe(ObjectNode node, String comment) {
    if (!comment.isEmpty()) {
      node.put("description", comment);
    }
  }
}
