package io.coxswain.client.codec;

import java.util.List;
import tools.jackson.databind.JsonNode;

/// One document of a YAML file, as the JSON it means.
///
/// @param index counted from 0 over all documents that are not empty
/// @param line where it begins, counted from 1
/// @param duplicates keys given twice, as `duplicate field "spec.replicas" (line 7)`; the last
///   value counts
public record YamlDocument(int index, int line, JsonNode content, List<String> duplicates) {
  public YamlDocument {
    duplicates = List.copyOf(duplicates);
  }
}
