package io.coxswain.controlplane.admission;

import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.options.JsonForm;
import io.coxswain.schema.options.PatchStrategy;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Kubernetes' strategic merge patch on one object: objects merge, null removes, and lists merge by
/// the keys that the schema names. Directives in the patch say otherwise: `$patch`, `$retainKeys`,
/// `$deleteFromPrimitiveList/…`, `$setElementOrder/…`.
final class StrategicMerge {

  private static final String PATCH = "$patch";
  private static final String RETAIN_KEYS = "$retainKeys";
  private static final String DELETE_FROM = "$deleteFromPrimitiveList/";
  private static final String SET_ORDER = "$setElementOrder/";

  private final @Nullable MessageSchema schema;

  /// @param schema of the object; null where it is unknown: its lists are replaced then
  StrategicMerge(@Nullable MessageSchema schema) {
    this.schema = schema;
  }

  /// What `$patch` says of the object or list item it stands in.
  enum Directive {
    MERGE,
    REPLACE,
    DELETE;

    static Directive of(JsonNode patch) {
      JsonNode named = patch.path(PATCH);
      return switch (named.isMissingNode() ? "merge" : named.asString(named.toString())) {
        case "merge" -> MERGE;
        case "replace" -> REPLACE;
        case "delete" -> DELETE;
        case String other ->
            throw refused(
                "unknown value \"" + other + "\" of $patch: expected merge, replace or delete");
      };
    }
  }

  static ApiException refused(String what) {
    return new ApiException(new ApiError.BadRequest("invalid strategic merge patch: " + what));
  }

  /// Changes the original in place where it can.
  ObjectNode apply(ObjectNode original, ObjectNode patch) {
    return switch (Directive.of(patch)) {
      case REPLACE -> replacement(patch);
      case DELETE -> JsonNodeFactory.instance.objectNode();
      case MERGE -> {
        retainKeys(original, patch);
        for (Map.Entry<String, JsonNode> entry : patch.properties()) {
          mergeEntry(original, entry.getKey(), entry.getValue());
        }
        setOrders(original, patch);
        yield original;
      }
    };
  }

  private static ObjectNode replacement(ObjectNode patch) {
    ObjectNode replacement = patch.deepCopy();
    replacement.remove(PATCH);
    return replacement;
  }

  private static void retainKeys(ObjectNode original, ObjectNode patch) {
    JsonNode keys = patch.path(RETAIN_KEYS);
    if (keys.isMissingNode()) {
      return;
    }
    if (!keys.isArray()) {
      throw refused("$retainKeys is a list of field names");
    }
    Set<String> retained = new HashSet<>();
    keys.values().forEach(key -> retained.add(key.asString(key.toString())));
    for (Map.Entry<String, JsonNode> entry : patch.properties()) {
      boolean written = !entry.getKey().startsWith("$") && !entry.getValue().isNull();
      if (written && !retained.contains(entry.getKey())) {
        throw refused("$retainKeys does not name \"" + entry.getKey() + "\", which the patch sets");
      }
    }
    original.retain(retained);
  }

  private void mergeEntry(ObjectNode original, String name, JsonNode value) {
    if (name.startsWith(DELETE_FROM)) {
      String list = name.substring(DELETE_FROM.length());
      if (original.path(list) instanceof ArrayNode items) {
        ListMerge.removeAll(items, requireList(name, value));
      }
      return;
    }
    if (name.startsWith("$")) {
      if (!name.equals(PATCH) && !name.equals(RETAIN_KEYS) && !name.startsWith(SET_ORDER)) {
        throw refused("unknown directive " + name);
      }
      return;
    }
    if (value.isNull()) {
      original.remove(name);
      return;
    }
    Optional<FieldSchema> field = schema == null ? Optional.empty() : schema.field(name);
    switch (value) {
      case ObjectNode object -> mergeObject(original, name, object, field);
      case ArrayNode list when merges(field) -> {
        ArrayNode before =
            original.path(name) instanceof ArrayNode items
                ? items
                : JsonNodeFactory.instance.arrayNode();
        original.set(name, ListMerge.of(field.orElseThrow()).merge(before, list));
      }
      default -> original.set(name, value);
    }
  }

  private void mergeObject(
      ObjectNode original, String name, ObjectNode patch, Optional<FieldSchema> field) {
    boolean present = original.path(name) instanceof ObjectNode;
    if (!present && Directive.of(patch) == Directive.DELETE) {
      return;
    }
    boolean replaces =
        field.map(f -> f.patchStrategies().contains(PatchStrategy.REPLACE)).orElse(false);
    if (replaces || field.filter(StrategicMerge::isOpaque).isPresent()) {
      original.set(name, replacement(patch));
      return;
    }
    ObjectNode before =
        original.path(name) instanceof ObjectNode object
            ? object
            : JsonNodeFactory.instance.objectNode();
    original.set(name, forValuesOf(field).apply(before, patch));
  }

  private static boolean isOpaque(FieldSchema field) {
    return !field.isMap() && field.holdsMessages() && field.message().jsonForm() != JsonForm.OBJECT;
  }

  /// How the object under a field merges: as the field's message, or key by key for a map.
  private static StrategicMerge forValuesOf(Optional<FieldSchema> field) {
    return new StrategicMerge(
        field.filter(f -> !f.isMap() && f.holdsMessages()).map(FieldSchema::message).orElse(null));
  }

  private static boolean merges(Optional<FieldSchema> field) {
    return field
        .map(f -> f.isList() && f.patchStrategies().contains(PatchStrategy.MERGE))
        .orElse(false);
  }

  private void setOrders(ObjectNode original, ObjectNode patch) {
    for (Map.Entry<String, JsonNode> entry : patch.properties()) {
      if (!entry.getKey().startsWith(SET_ORDER)) {
        continue;
      }
      String name = entry.getKey().substring(SET_ORDER.length());
      Optional<FieldSchema> field = schema == null ? Optional.empty() : schema.field(name);
      if (original.path(name) instanceof ArrayNode items && merges(field)) {
        ArrayNode order = requireList(entry.getKey(), entry.getValue());
        original.set(name, ListMerge.of(field.orElseThrow()).ordered(items, order));
      }
    }
  }

  private static ArrayNode requireList(String name, JsonNode value) {
    if (value instanceof ArrayNode list) {
      return list;
    }
    throw refused(name + " is a list");
  }
}
