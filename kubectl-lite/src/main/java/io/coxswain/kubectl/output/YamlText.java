package io.coxswain.kubectl.output;

import io.coxswain.client.codec.YamlCodec;
import tools.jackson.databind.JsonNode;

/// Part of an object as YAML, for people.
public final class YamlText {

  private YamlText() {}

  public static String of(JsonNode node) {
    return YamlCodec.write(node);
  }
}
