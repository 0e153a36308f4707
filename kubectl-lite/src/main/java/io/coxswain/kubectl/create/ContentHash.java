package io.coxswain.kubectl.create;

import io.coxswain.client.codec.Sha256;
import io.coxswain.kubectl.document.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The ten letters that kubectl and kustomize end the names of generated ConfigMaps and Secrets
/// with, so that new data is a new object.
public final class ContentHash {

  private static final int LETTERS = 10;

  /// In place of letters that make words, or that look like digits.
  private static final String[][] REPLACED = {
    {"0", "g"}, {"1", "h"}, {"3", "k"}, {"a", "m"}, {"e", "t"}
  };

  private ContentHash() {}

  /// To the object's name.
  public static void append(ObjectNode object) {
    ObjectNode metadata = (ObjectNode) Json.at(object, "metadata");
    metadata.put("name", Json.name(object) + "-" + of(object, Json.name(object)));
  }

  /// Of a ConfigMap or Secret, over its kind, name and data.
  ///
  /// @param name kubectl's hash is over it, and kustomize's over an empty one
  public static String of(JsonNode object, String name) {
    boolean secret = Json.text(object, "kind").equals("Secret");
    ObjectNode hashed = Json.object();
    if (secret) {
      data(object, "data", hashed, true);
      hashed.put("kind", "Secret").put("name", name);
      hashed.put("type", Json.text(object, "type"));
      if (object.has("stringData")) {
        data(object, "stringData", hashed, true);
      }
    } else {
      data(object, "binaryData", hashed, false);
      data(object, "data", hashed, true);
      hashed.put("kind", "ConfigMap").put("name", name);
    }
    return encoded(goText(Json.sorted(hashed)));
  }

  private static void data(JsonNode object, String field, ObjectNode hashed, boolean always) {
    JsonNode data = Json.at(object, field);
    if (!data.isEmpty()) {
      hashed.set(field, data);
    } else if (always) {
      hashed.put(field, "");
    }
  }

  /// Go's encoder escapes what could end a script in HTML.
  private static String goText(String json) {
    return json.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }

  private static String encoded(String text) {
    String letters = Sha256.hex(text).substring(0, LETTERS);
    for (String[] pair : REPLACED) {
      letters = letters.replace(pair[0], pair[1]);
    }
    return letters;
  }
}
