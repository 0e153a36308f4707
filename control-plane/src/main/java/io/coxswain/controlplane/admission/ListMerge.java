package io.coxswain.controlplane.admission;

import io.coxswain.controlplane.admission.StrategicMerge.Directive;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Merges a list whose items have an identity: a key among their fields, or for plain values
/// themselves.
///
/// @param key the field that identifies an item; empty for lists of plain values
/// @param items the schema of the items; null for plain values
record ListMerge(String key, @Nullable MessageSchema items) {

  static ListMerge of(FieldSchema field) {
    return new ListMerge(field.mergeKey(), field.holdsMessages() ? field.message() : null);
  }

  /// Items of the patch stand in its order; others keep theirs, each before the first item that
  /// stood behind it.
  ArrayNode merge(ArrayNode original, ArrayNode patch) {
    List<JsonNode> merged = new ArrayList<>(original.values());
    List<JsonNode> wanted = new ArrayList<>();
    boolean replaces = false;
    for (JsonNode item : patch.values()) {
      Directive directive = item.isObject() ? Directive.of(item) : Directive.MERGE;
      switch (directive) {
        case REPLACE -> replaces = true;
        case DELETE -> merged.removeIf(one -> identity(one).equals(requiredIdentity(item)));
        case MERGE -> wanted.add(item);
      }
    }
    if (replaces) {
      ArrayNode replacement = JsonNodeFactory.instance.arrayNode();
      wanted.forEach(replacement::add);
      return replacement;
    }
    for (JsonNode item : wanted) {
      mergeItem(merged, item);
    }
    return arranged(merged, wanted, original);
  }

  private void mergeItem(List<JsonNode> merged, JsonNode item) {
    String identity = requiredIdentity(item);
    for (int i = 0; i < merged.size(); i++) {
      if (identity(merged.get(i)).equals(identity)) {
        if (merged.get(i) instanceof ObjectNode before && item instanceof ObjectNode change) {
          merged.set(i, new StrategicMerge(items).apply(before, change));
        }
        return;
      }
    }
    merged.add(
        item instanceof ObjectNode change
            ? new StrategicMerge(items).apply(JsonNodeFactory.instance.objectNode(), change)
            : item);
  }

  /// The items in the order that the patch's author saw; items it does not name keep their place as
  /// in [#merge].
  ArrayNode ordered(ArrayNode list, ArrayNode order) {
    return arranged(new ArrayList<>(list.values()), new ArrayList<>(order.values()), list);
  }

  private ArrayNode arranged(List<JsonNode> merged, List<JsonNode> order, ArrayNode before) {
    Map<String, Integer> wanted = places(order);
    Map<String, Integer> had = places(new ArrayList<>(before.values()));
    List<JsonNode> named = new ArrayList<>();
    List<JsonNode> others = new ArrayList<>();
    for (JsonNode item : merged) {
      (wanted.containsKey(identity(item)) ? named : others).add(item);
    }
    named.sort((a, b) -> place(wanted, a) - place(wanted, b));
    ArrayNode result = JsonNodeFactory.instance.arrayNode();
    int next = 0;
    for (JsonNode other : others) {
      while (next < named.size() && place(had, named.get(next)) <= place(had, other)) {
        result.add(named.get(next++));
      }
      result.add(other);
    }
    while (next < named.size()) {
      result.add(named.get(next++));
    }
    return result;
  }

  private Map<String, Integer> places(List<JsonNode> items) {
    Map<String, Integer> places = new HashMap<>();
    for (JsonNode item : items) {
      places.putIfAbsent(identity(item), places.size());
    }
    return places;
  }

  private int place(Map<String, Integer> places, JsonNode item) {
    return places.getOrDefault(identity(item), -1);
  }

  /// An item without its key is like no other.
  private String identity(JsonNode item) {
    if (key.isEmpty()) {
      return item.toString();
    }
    JsonNode value = item.path(key);
    return value.isMissingNode() ? "" : value.asString(value.toString());
  }

  private String requiredIdentity(JsonNode item) {
    String identity = identity(item);
    if (identity.isEmpty()) {
      throw StrategicMerge.refused(
          "the item " + item + " does not contain the declared merge key \"" + key + "\"");
    }
    return identity;
  }

  static void removeAll(ArrayNode list, ArrayNode values) {
    List<JsonNode> unwanted = new ArrayList<>(values.values());
    list.removeIf(unwanted::contains);
  }
}
