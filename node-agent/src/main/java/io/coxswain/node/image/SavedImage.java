package io.coxswain.node.image;

import io.coxswain.client.codec.JsonTrees;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// One image as an archive describes it, in the words of an OCI layout and of `docker save`.
///
/// @param names under which it is to be loaded; none where it is known by a digest alone, which is
///   not that of its copy
/// @param config its JSON, with the digests of the layers as they are written
/// @param layers the lowest first
record SavedImage(List<ImageName.Remote> names, Blob config, List<Blob> layers) {

  static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";
  private static final String FOLDER = "blobs/sha256/";

  /// One file of the archive.
  ///
  /// @param size bytes
  record Blob(Digest digest, long size) {

    static Blob of(byte[] content) {
      return new Blob(Digest.of(content), content.length);
    }

    /// Its place.
    String path() {
      return FOLDER + digest.hex();
    }

    ObjectNode descriptor(String mediaType) {
      return JsonTrees.object()
          .put("mediaType", mediaType)
          .put("digest", digest.toString())
          .put("size", size);
    }
  }

  SavedImage {
    names = List.copyOf(names);
    layers = List.copyOf(layers);
  }

  /// The OCI manifest.
  byte[] manifest() {
    ObjectNode json = JsonTrees.object().put("schemaVersion", 2).put("mediaType", MANIFEST_TYPE);
    json.set("config", config.descriptor(CONFIG_TYPE));
    ArrayNode list = json.putArray("layers");
    layers.forEach(layer -> list.add(layer.descriptor(LAYER_TYPE)));
    return JsonTrees.bytes(json);
  }

  /// Its places in the layout's index: one for each name, or one without.
  void addTo(ArrayNode index) {
    Blob manifest = Blob.of(manifest());
    for (ImageName.Remote name : names) {
      ObjectNode place = manifest.descriptor(MANIFEST_TYPE);
      place
          .putObject("annotations")
          .put(ArchivedImage.FULL_NAME, name.toString())
          .put(ArchivedImage.REFERENCE, name.tag());
      index.add(place);
    }
    if (names.isEmpty()) {
      index.add(manifest.descriptor(MANIFEST_TYPE));
    }
  }

  /// As it stands in the `manifest.json` of `docker save`.
  Map<String, Object> described() {
    return new java.util.TreeMap<>(
        Map.of(
            "Config",
            config.path(),
            "RepoTags",
            names.stream().map(ImageName.Remote::toString).toList(),
            "Layers",
            layers.stream().map(Blob::path).toList()));
  }
}
