package io.coxswain.kubectl.document;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Merges a partial object into a whole one, where no server does it: objects field by field, lists
/// of Kubernetes' own kinds by the keys of their items. The items of a patch come first, as
/// kustomize has it.
public final class StrategicMerge {

  private static final String DIRECTIVE = "$patch";

  /// Of which list the items are told apart by which field; the same in every kind that has a list
  /// of this name, but for ports.
  private static final Map<String, String> KEYS =
      Map.ofEntries(
          Map.entry("containers", "name"),
          Map.entry("initContainers", "name"),
          Map.entry("ephemeralContainers", "name"),
          Map.entry("env", "name"),
          Map.entry("volumes", "name"),
          Map.entry("volumeMounts", "mountPath"),
          Map.entry("volumeDevices", "devicePath"),
          Map.entry("imagePullSecrets", "name"),
          Map.entry("hostAliases", "ip"),
          Map.entry("resourceClaims", "name"),
          Map.entry("schedulingGates", "name"),
          Map.entry("topologySpreadConstraints", "topologyKey"),
          Map.entry("conditions", "type"),
          Map.entry("secrets", "name"),
          Map.entry("webhooks", "name"),
          Map.entry("matchConditions", "name"),
          Map.entry("ownerReferences", "uid"));

  private final boolean knowsLists;

  /// @param knowsLists whether the kind is Kubernetes' own; of others lists are replaced
  public StrategicMerge(boolean knowsLists) {
    this.knowsLists = knowsLists;
  }

  /// Changes the target.
  public void into(ObjectNode target, JsonNode patch) {
    boolean replace = Json.text(patch, DIRECTIVE).equals("replace");
    if (replace) {
      target.removeAll();
    }
    for (Map.Entry<String, JsonNode> entry : patch.properties()) {
      String name = entry.getKey();
      JsonNode wanted = entry.getValue();
      if (name.equals(DIRECTIVE) || name.startsWith("$setElementOrder/")) {
        continue;
      }
      if (name.startsWith("$deleteFromPrimitiveList/")) {
        deleteValues(Json.at(target, name.substring(name.indexOf('/') + 1)), wanted);
        continue;
      }
      if (name.equals("$retainKeys")) {
        retain(target, wanted);
        continue;
      }
      JsonNode there = Json.at(target, name);
      if (wanted.isNull() || Json.text(wanted, DIRECTIVE).equals("delete")) {
        target.remove(name);
      } else if (wanted.isObject()) {
        ObjectNode inner = there instanceof ObjectNode object ? object : target.putObject(name);
        into(inner, wanted);
      } else if (wanted instanceof ArrayNode list && there instanceof ArrayNode present) {
        target.set(name, merged(present, list, key(name, list)));
      } else if (wanted instanceof ArrayNode list) {
        target.set(name, withoutDirectives(list));
      } else {
        target.set(name, wanted);
      }
    }
  }

  private String key(String name, ArrayNode wanted) {
    if (!knowsLists) {
      return "";
    }
    if (name.equals("ports")) {
      boolean ofContainer = !wanted.isEmpty() && wanted.get(0).has("containerPort");
      return ofContainer ? "containerPort" : "port";
    }
    return KEYS.getOrDefault(name, "");
  }

  private ArrayNode merged(ArrayNode present, ArrayNode wanted, String key) {
    for (JsonNode item : wanted) {
      if (Json.text(item, DIRECTIVE).equals("replace") && item.size() == 1) {
        return withoutDirectives(wanted);
      }
    }
    if (key.isEmpty()) {
      return wanted;
    }
    ArrayNode result = Json.object().putArray("items");
    for (JsonNode item : wanted) {
      int at = position(present, item, key);
      if (Json.text(item, DIRECTIVE).equals("delete")) {
        continue;
      }
      ObjectNode whole = at < 0 ? Json.object() : (ObjectNode) present.get(at).deepCopy();
      into(whole, item);
      result.add(whole);
    }
    for (JsonNode item : present) {
      if (position(wanted, item, key) < 0) {
        result.add(item);
      }
    }
    return result;
  }

  private static int position(ArrayNode list, JsonNode like, String key) {
    for (int i = 0; i < list.size(); i++) {
      if (!Json.at(like, key).isMissingNode()
          && Json.at(list.get(i), key).equals(Json.at(like, key))) {
        return i;
      }
    }
    return -1;
  }

  private static ArrayNode withoutDirectives(ArrayNode list) {
    ArrayNode result = Json.object().putArray("items");
    for (JsonNode item : list) {
      boolean deleted = Json.text(item, DIRECTIVE).equals("delete");
      if (!deleted && !(item.has(DIRECTIVE) && item.size() == 1)) {
        result.add(item);
      }
    }
    return result;
  }

  private static void deleteValues(JsonNode list, JsonNode values) {
    if (list instanceof ArrayNode present) {
      for (int i = present.size() - 1; i >= 0; i--) {
        for (JsonNode value : values) {
          if (i < present.size() && present.get(i).equals(value)) {
            present.remove(i);
          }
        }
      }
    }
  }

  private static void retain(ObjectNode target, JsonNode names) {
    java.util.Set<String> kept = new java.util.HashSet<>();
    names.forEach(name -> kept.add(name.asString()));
    target.retain(kept);
  }
}
