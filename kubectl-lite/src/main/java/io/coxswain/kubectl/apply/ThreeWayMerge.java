package io.coxswain.kubectl.apply;

import io.coxswain.kubectl.document.Json;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The strategic merge patch that turns what is there into what shall be, and takes away only what
/// was applied before and is no longer wanted: fields that others wrote stay.
///
/// Lists of the well-known kinds merge by the keys that Kubernetes gives them; of other kinds the
/// patch is a JSON merge patch (RFC 7396), in which lists are whole.
public final class ThreeWayMerge {

  private final MergeKeys keys;

  public ThreeWayMerge(MergeKeys keys) {
    this.keys = keys;
  }

  /// An empty object when nothing has to change.
  public ObjectNode patch(JsonNode applied, JsonNode wanted, JsonNode live) {
    return patchObject("", applied, wanted, live);
  }

  private ObjectNode patchObject(String path, JsonNode applied, JsonNode wanted, JsonNode live) {
    ObjectNode patch = Json.object();
    for (Map.Entry<String, JsonNode> entry : wanted.properties()) {
      String name = entry.getKey();
      JsonNode want = entry.getValue();
      JsonNode have = Json.at(live, name);
      JsonNode had = Json.at(applied, name);
      String child = path.isEmpty() ? name : path + "." + name;
      if (want.isNull()) {
        if (!have.isMissingNode()) {
          patch.putNull(name);
        }
      } else if (want.isObject() && have.isObject()) {
        ObjectNode inner = patchObject(child, had.isObject() ? had : Json.object(), want, have);
        if (!inner.isEmpty()) {
          patch.set(name, inner);
        }
      } else if (want.isArray() && have.isArray()) {
        patchList(patch, child, name, had, (ArrayNode) want, (ArrayNode) have);
      } else if (!same(want, have)) {
        patch.set(name, want);
      }
    }
    for (Map.Entry<String, JsonNode> entry : applied.properties()) {
      if (!wanted.has(entry.getKey()) && live.has(entry.getKey())) {
        patch.putNull(entry.getKey());
      }
    }
    return patch;
  }

  private void patchList(
      ObjectNode patch, String path, String name, JsonNode had, ArrayNode want, ArrayNode have) {
    String key = keys.of(path);
    if (key.isEmpty()) {
      if (!want.equals(have)) {
        patch.set(name, want);
      }
      return;
    }
    if (key.equals(MergeKeys.VALUES)) {
      patchValues(patch, name, had, want, have);
      return;
    }
    ArrayNode items = Json.object().putArray("items");
    boolean sameOrder = want.size() <= have.size();
    int position = 0;
    for (JsonNode item : want) {
      String id = Json.text(item, key);
      JsonNode there = byKey(have, key, item);
      sameOrder =
          sameOrder && position < have.size() && Json.text(have.get(position), key).equals(id);
      position++;
      if (there.isMissingNode()) {
        items.add(item);
        continue;
      }
      JsonNode before = byKey(had, key, item);
      ObjectNode inner = patchObject(path, before.isObject() ? before : Json.object(), item, there);
      if (!inner.isEmpty()) {
        inner.set(key, Json.at(item, key));
        items.add(inner);
      }
    }
    for (JsonNode old : had) {
      if (byKey(want, key, old).isMissingNode() && !byKey(have, key, old).isMissingNode()) {
        ObjectNode deletion = Json.object();
        deletion.put("$patch", "delete");
        deletion.set(key, Json.at(old, key));
        items.add(deletion);
      }
    }
    if (items.isEmpty() && sameOrder) {
      return;
    }
    ArrayNode setOrder = patch.putArray("$setElementOrder/" + name);
    for (JsonNode item : want) {
      setOrder.addObject().set(key, Json.at(item, key));
    }
    patch.set(name, items);
  }

  private static void patchValues(
      ObjectNode patch, String name, JsonNode had, ArrayNode want, ArrayNode have) {
    ArrayNode added = Json.object().putArray("added");
    want.forEach(value -> addUnless(contains(have, value), value, added));
    ArrayNode removed = Json.object().putArray("removed");
    had.forEach(
        value -> addUnless(contains(want, value) || !contains(have, value), value, removed));
    if (!added.isEmpty()) {
      patch.set(name, added);
    }
    if (!removed.isEmpty()) {
      patch.set("$deleteFromPrimitiveList/" + name, removed);
    }
  }

  private static void addUnless(boolean not, JsonNode value, ArrayNode list) {
    if (!not) {
      list.add(value);
    }
  }

  private static boolean contains(JsonNode list, JsonNode value) {
    for (JsonNode item : list) {
      if (item.equals(value)) {
        return true;
      }
    }
    return false;
  }

  private static JsonNode byKey(JsonNode list, String key, JsonNode like) {
    for (JsonNode item : list) {
      if (same(Json.at(item, key), Json.at(like, key))) {
        return item;
      }
    }
    return tools.jackson.databind.node.MissingNode.getInstance();
  }

  /// Numbers of different Java types, and a quantity's canonical form, are no change worth sending.
  private static boolean same(JsonNode want, JsonNode have) {
    if (want.isNumber() && have.isNumber()) {
      return want.decimalValue().compareTo(have.decimalValue()) == 0;
    }
    return want.equals(have);
  }
}
