package io.coxswain.kubectl.document;

import io.coxswain.client.ApiException;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.client.codec.YamlDocument;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// YAML files as the server would read them, checked before anything is sent.
public final class Yaml {

  private Yaml() {}

  /// The documents of a stream, without empty ones.
  ///
  /// @throws IOException naming the line of what is wrong; all duplicate keys at once
  public static List<JsonNode> all(byte[] text) throws IOException {
    List<JsonNode> documents = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    try {
      for (YamlDocument document : YamlCodec.parse(text)) {
        documents.add(document.content());
        problems.addAll(document.duplicates());
      }
    } catch (ApiException e) {
      throw new IOException(e.getMessage(), e);
    }
    if (!problems.isEmpty()) {
      throw new IOException(String.join("\n", problems));
    }
    return documents;
  }

  /// A file that holds one document; an empty object when it holds none.
  public static JsonNode one(byte[] text) throws IOException {
    List<JsonNode> documents = all(text);
    return documents.isEmpty() ? Json.object() : documents.getFirst();
  }
}
