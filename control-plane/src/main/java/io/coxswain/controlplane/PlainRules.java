package io.coxswain.controlplane;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.Patch;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.controlplane.registry.Rules;
import io.coxswain.controlplane.registry.WriteOptions;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// No defaults, no validation, and only JSON merge patches: stands in until the rules made from the
/// schema are there.
final class PlainRules implements Rules {
  private final JsonCodec json = new JsonCodec();

  @Override
  public Message defaulted(Message object) {
    return object;
  }

  @Override
  public List<ApiError.Cause> onCreate(Message object) {
    return List.of();
  }

  @Override
  public List<ApiError.Cause> onUpdate(Message before, Message after) {
    return List.of();
  }

  @Override
  public List<ApiError.Cause> onStatusUpdate(Message before, Message after) {
    return List.of();
  }

  @Override
  public List<String> warnings(Message object) {
    return List.of();
  }

  @Override
  public Patched patched(Message current, Patch patch, WriteOptions options) {
    ObjectNode tree = json.toTree(current);
    merge(tree, json.readTree(patch.json().getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    return new Patched(
        json.decode(tree, current.getDefaultInstanceForType(), Strictness.IGNORE).message(),
        List.of());
  }

  private static void merge(ObjectNode into, JsonNode patch) {
    for (var e : patch.properties()) {
      if (e.getValue().isNull()) {
        into.remove(e.getKey());
      } else if (e.getValue() instanceof ObjectNode o
          && into.get(e.getKey()) instanceof ObjectNode p) {
        merge(p, o);
      } else {
        into.set(e.getKey(), e.getValue());
      }
    }
  }
}
