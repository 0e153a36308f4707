package io.coxswain.node.image;

import io.coxswain.client.codec.JsonTrees;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What is kept of a pulled image under one name.
///
/// @param name as `docker.io/library/nginx:1.27`
/// @param resolved digest that the registry answered the name with, of an index or a manifest
/// @param config digest of the image's config, which is its id
/// @param layers digests of the unpacked layers, the lowest first
/// @param size bytes of the unpacked layers
record ImageRecord(String name, Digest resolved, Digest config, List<Digest> layers, long size) {

  ImageRecord {
    layers = List.copyOf(layers);
  }

  byte[] encode() {
    ObjectNode json =
        JsonTrees.object()
            .put("name", name)
            .put("resolved", resolved.toString())
            .put("config", config.toString())
            .put("size", size);
    ArrayNode digests = json.putArray("layers");
    layers.forEach(layer -> digests.add(layer.toString()));
    return JsonTrees.bytes(json);
  }

  /// @throws RuntimeException when the bytes are no record
  static ImageRecord decode(byte[] bytes) {
    JsonNode json = JsonTrees.read(bytes);
    return new ImageRecord(
        json.path("name").asString(),
        Digest.parse(json.path("resolved").asString()),
        Digest.parse(json.path("config").asString()),
        json.path("layers").valueStream().map(layer -> Digest.parse(layer.asString())).toList(),
        json.path("size").asLong());
  }
}
