package io.coxswain.node.image.testing;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// An image ready to be pushed, or to be put into an archive.
///
/// @param manifestType media type of the manifest
/// @param manifest its JSON
/// @param blobs config and layers by digest
/// @param configDigest the image's id
public record BuiltImage(
    String manifestType, String manifest, Map<String, byte[]> blobs, String configDigest) {

  private static final JsonMapper JSON = new JsonMapper();

  public BuiltImage {
    blobs = Map.copyOf(blobs);
  }

  /// An archive as an OCI layout.
  ///
  /// @param reference its name in there
  public byte[] layout(String reference) {
    byte[] content = ImageBuilder.utf8(manifest);
    ObjectNode index = JSON.createObjectNode().put("schemaVersion", 2);
    ObjectNode one = index.putArray("manifests").addObject();
    one.put("mediaType", manifestType)
        .put("digest", ImageBuilder.digest(content))
        .put("size", content.length);
    one.putObject("annotations").put("org.opencontainers.image.ref.name", reference);
    LayerBuilder archive =
        new LayerBuilder()
            .file("oci-layout", "{\"imageLayoutVersion\": \"1.0.0\"}")
            .file("index.json", index.toString())
            .folder("blobs/", 0755)
            .file(place(ImageBuilder.digest(content)), 0644, content);
    blobs.forEach((digest, blob) -> archive.file(place(digest), 0644, blob));
    return archive.build();
  }

  /// An archive as `docker save` writes it.
  public byte[] saved(String... names) {
    ArrayNode list = JSON.createArrayNode();
    ObjectNode one = list.addObject().put("Config", "config.json");
    ArrayNode tags = one.putArray("RepoTags");
    List.of(names).forEach(tags::add);
    ArrayNode layers = one.putArray("Layers");
    LayerBuilder archive =
        new LayerBuilder().file("config.json", 0644, blobs.getOrDefault(configDigest, new byte[0]));
    for (JsonNode layer : JSON.readTree(manifest).path("layers")) {
      String digest = layer.path("digest").asString();
      String file = digest.substring(7) + "/layer.tar";
      layers.add(file);
      archive.file(file, 0644, blobs.getOrDefault(digest, new byte[0]));
    }
    return archive.file("manifest.json", list.toString()).build();
  }

  private static String place(String digest) {
    return "blobs/" + digest.replace(':', '/');
  }
}
