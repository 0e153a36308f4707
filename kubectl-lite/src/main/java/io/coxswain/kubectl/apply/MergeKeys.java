package io.coxswain.kubectl.apply;

import io.coxswain.kubectl.document.Json;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// By which field the items of a kind's lists are told apart: read from the server's OpenAPI
/// document (`x-kubernetes-patch-merge-key`), so that no list of kinds has to be kept here.
public final class MergeKeys {

  /// The list is a set of plain values.
  static final String VALUES = "=";

  private final JsonNode definitions;
  private final String root;
  private final Map<String, String> known = new HashMap<>();

  /// @param openApi the OpenAPI v3 document of the kind's group
  /// @param root the kind's schema, as `io.k8s.api.apps.v1.Deployment`; empty when the document has
  ///   none
  private MergeKeys(JsonNode openApi, String root) {
    this.definitions = Json.at(openApi, "components", "schemas");
    this.root = root;
  }

  /// For the kind of a manifest.
  public static MergeKeys in(JsonNode openApi, String group, String version, String kind) {
    JsonNode definitions = Json.at(openApi, "components", "schemas");
    for (Map.Entry<String, JsonNode> entry : definitions.properties()) {
      for (JsonNode gvk : Json.at(entry.getValue(), "x-kubernetes-group-version-kind")) {
        if (Json.text(gvk, "kind").equals(kind)
            && Json.text(gvk, "group").equals(group)
            && Json.text(gvk, "version").equals(version)) {
          return new MergeKeys(openApi, entry.getKey());
        }
      }
    }
    return new MergeKeys(openApi, "");
  }

  /// Whether the server describes the kind, so that a strategic merge patch makes sense.
  public boolean isKnown() {
    return !root.isEmpty();
  }

  /// The kind's schema in the document; empty when it has none.
  String root() {
    return root;
  }

  /// The key of the list at a path of field names; empty for a list that is replaced as a whole.
  String of(String path) {
    return known.computeIfAbsent(path, this::look);
  }

  private String look(String path) {
    JsonNode property = Json.at(definitions, root);
    String[] names = path.split("\\.", -1);
    for (int i = 0; i < names.length; i++) {
      property = Json.at(resolve(property), "properties", names[i]);
      if (i == names.length - 1) {
        String key = Json.text(property, "x-kubernetes-patch-merge-key");
        boolean merged = Json.text(property, "x-kubernetes-patch-strategy").contains("merge");
        return merged && key.isEmpty() ? VALUES : key;
      }
      JsonNode items = Json.at(property, "items");
      property = items.isMissingNode() ? property : items;
    }
    return "";
  }

  private JsonNode resolve(JsonNode schema) {
    String reference = Json.text(schema, "$ref");
    if (reference.isEmpty()) {
      for (JsonNode each : Json.at(schema, "allOf")) {
        reference = Json.text(each, "$ref");
      }
    }
    return reference.isEmpty()
        ? schema
        : Json.at(definitions, reference.substring(reference.lastIndexOf('/') + 1));
  }
}
