package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.document.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The annotation in which an object keeps what was applied last, as kubectl keeps it, so that the
/// two can take turns.
final class LastApplied {

  static final String ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";

  private LastApplied() {}

  /// Writes the object, without this annotation, into the annotation.
  static void remember(ObjectNode wanted) {
    ObjectNode metadata = (ObjectNode) Json.at(wanted, "metadata");
    if (!(Json.at(metadata, "annotations") instanceof ObjectNode)) {
      metadata.putObject("annotations");
    }
    ObjectNode annotations = (ObjectNode) Json.at(metadata, "annotations");
    annotations.remove(ANNOTATION);
    annotations.put(ANNOTATION, Json.sorted(wanted) + "\n");
  }

  /// An empty object when there is none.
  static JsonNode of(JsonNode live) {
    String text = Json.text(live, "metadata", "annotations", ANNOTATION);
    if (text.isEmpty()) {
      return Json.object();
    }
    try {
      return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new Failure(
          "the annotation "
              + ANNOTATION
              + " is no JSON ("
              + e.getMessage()
              + "): remove it and apply again");
    }
  }
}
