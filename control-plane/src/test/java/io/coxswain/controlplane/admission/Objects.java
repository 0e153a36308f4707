package io.coxswain.controlplane.admission;

import com.google.protobuf.Message;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.schema.ObjectKind;
import io.coxswain.schema.Schema;
import tools.jackson.databind.JsonNode;

/// Objects for tests, written as people write them.
final class Objects {

  private static final JsonCodec CODEC = new JsonCodec();

  private Objects() {}

  /// Reads one document strictly; its namespace is `default` unless it says otherwise.
  static Message of(String yaml) {
    JsonNode tree = YamlCodec.parse(yaml).getFirst().content();
    ObjectKind kind =
        ObjectKind.of(tree.path("apiVersion").asString(), tree.path("kind").asString());
    Message prototype = Schema.api().message(kind).orElseThrow();
    return CODEC.decode(tree, prototype, Strictness.STRICT).message();
  }

  static <T extends Message> T of(Class<T> type, String yaml) {
    return type.cast(of(yaml));
  }

  static String yaml(Message object) {
    return YamlCodec.write(object);
  }
}
