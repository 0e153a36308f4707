package io.coxswain.kubectl.apply;

import io.coxswain.kubectl.document.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One object from a file.
///
/// @param origin for messages: the file, and which document of it when there are several
public record Manifest(ObjectNode object, String origin) {

  public String apiVersion() {
    return Json.text(object, "apiVersion");
  }

  public String kind() {
    return Json.text(object, "kind");
  }

  public String name() {
    return Json.name(object);
  }

  /// `error: FILE, document N: WHAT`.
  public String told(String what) {
    return "error: " + origin + ": " + what;
  }

  /// A `List` stands for its items.
  static boolean isList(JsonNode node) {
    return Json.text(node, "kind").endsWith("List") && Json.at(node, "items").isArray();
  }
}
