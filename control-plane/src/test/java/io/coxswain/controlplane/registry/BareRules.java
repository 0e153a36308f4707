package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.Patch;
import io.coxswain.client.codec.Decoded;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.controlplane.admission.plugin.PluginChain;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Rules that allow everything and default nothing, with merge patches for every type of patch.
public final class BareRules implements Rules {

  private final JsonCodec codec = new JsonCodec();

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
  public List<ApiError.Cause> onStatusUpdate(String part, Message before, Message after) {
    return List.of();
  }

  @Override
  public List<ApiError.Cause> onPartUpdate(String part, Message before, Message after) {
    return List.of();
  }

  @Override
  public List<String> warnings(Message object) {
    return List.of();
  }

  @Override
  public Patched patched(Message current, Patch patch, WriteOptions options) {
    ObjectNode tree = codec.toTree(current);
    merge(tree, JsonMapper.shared().readTree(patch.json()));
    Decoded<Message> decoded = codec.decode(tree, current, Strictness.WARN);
    return new Patched(decoded.message(), decoded.warnings());
  }

  @Override
  public Configuration configuration(Message prototype, Patch patch, WriteOptions options) {
    return new AdmissionRules(PluginChain.NONE).configuration(prototype, patch, options);
  }

  private static void merge(ObjectNode into, JsonNode patch) {
    patch
        .properties()
        .forEach(field -> {
          JsonNode value = field.getValue();
          if (value.isNull()) {
            into.remove(field.getKey());
          } else if (value.isObject()) {
            JsonNode there = into.get(field.getKey());
            ObjectNode inner =
                there instanceof ObjectNode known ? known : into.putObject(field.getKey());
            merge(inner, value);
          } else {
            into.set(field.getKey(), value);
          }
        });
  }
}
