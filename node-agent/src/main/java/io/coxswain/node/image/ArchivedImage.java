package io.coxswain.node.image;

import com.google.protobuf.ByteString;
import io.coxswain.client.codec.JsonTrees;
import io.coxswain.node.image.ImageManifest.Descriptor;
import io.coxswain.node.image.ImageManifest.Platform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// One image of an archive, for this machine's platform.
///
/// @param names under which it is known, as written; maybe none
/// @param resolved digest of its manifest, or, where the archive has none, of its config
/// @param config its JSON
/// @param layers archives, the lowest first
record ArchivedImage(List<String> names, Digest resolved, ByteString config, List<Path> layers) {

  private static final String INDEX = "index.json";
  private static final String MANIFEST = "manifest.json";
  static final String FULL_NAME = "io.containerd.image.name";
  static final String REFERENCE = "org.opencontainers.image.ref.name";

  ArchivedImage {
    names = List.copyOf(names);
    layers = List.copyOf(layers);
  }

  /// All images of an archive. Where it is both an OCI layout and what `docker save` writes, the
  /// layout counts if it says the images' names.
  ///
  /// @throws IOException when it is neither, or damaged
  static List<ArchivedImage> of(ImageArchive archive, Platform platform) throws IOException {
    boolean docker = archive.find(MANIFEST).isPresent();
    if (archive.find(INDEX).isPresent()) {
      List<ArchivedImage> images = ofLayout(archive, platform);
      if (!docker || images.stream().noneMatch(image -> image.names().isEmpty())) {
        return images;
      }
    }
    if (!docker) {
      throw new MalformedLayerException(
          "it is no image archive: it has neither manifest.json, as docker save writes it, nor"
              + " index.json, as an OCI layout has it");
    }
    return ofDocker(archive);
  }

  private static List<ArchivedImage> ofDocker(ImageArchive archive) throws IOException {
    List<ArchivedImage> images = new ArrayList<>();
    for (JsonNode one : parse(archive, MANIFEST)) {
      byte[] config = archive.small(one.path("Config").asString(""));
      List<Path> layers = new ArrayList<>();
      for (JsonNode layer : one.path("Layers")) {
        layers.add(archive.require(layer.asString("")));
      }
      List<String> names =
          one.path("RepoTags").valueStream().map(name -> name.asString("")).toList();
      images.add(new ArchivedImage(names, Digest.of(config), ByteString.copyFrom(config), layers));
    }
    return images;
  }

  private static List<ArchivedImage> ofLayout(ImageArchive archive, Platform platform)
      throws IOException {
    List<ArchivedImage> images = new ArrayList<>();
    RegistryException missing = null;
    for (JsonNode one : parse(archive, INDEX).path("manifests")) {
      JsonNode offer = one.path("platform");
      boolean other =
          !offer.isMissingNode()
              && !new Platform(
                      offer.path("os").asString(""), offer.path("architecture").asString(""))
                  .equals(platform);
      if (other) {
        missing = new RegistryException(0, "the archive has no image for %s".formatted(platform));
        continue;
      }
      Digest digest = digest(one.path("digest").asString(""));
      images.add(ofManifest(archive, platform, names(one), digest));
    }
    if (images.isEmpty() && missing != null) {
      throw missing;
    }
    return images;
  }

  /// A reference is often no more than a tag.
  private static List<String> names(JsonNode descriptor) {
    JsonNode annotations = descriptor.path("annotations");
    String reference = annotations.path(REFERENCE).asString("");
    boolean whole = reference.contains("/") || reference.contains(":");
    return Stream.of(annotations.path(FULL_NAME).asString(""), whole ? reference : "")
        .filter(name -> !name.isEmpty())
        .limit(1)
        .toList();
  }

  private static ArchivedImage ofManifest(
      ImageArchive archive, Platform platform, List<String> names, Digest top) throws IOException {
    byte[] content = blob(archive, top);
    if (ImageManifest.isIndex(content)) {
      Descriptor chosen = ImageManifest.select(content, platform);
      content = blob(archive, chosen.digest());
    }
    ImageManifest manifest = ImageManifest.read(content);
    List<Path> layers = new ArrayList<>();
    for (Descriptor layer : manifest.layers()) {
      layers.add(archive.require(place(layer.digest())));
    }
    byte[] config = blob(archive, manifest.config().digest());
    return new ArchivedImage(names, top, ByteString.copyFrom(config), layers);
  }

  private static byte[] blob(ImageArchive archive, Digest digest) throws IOException {
    byte[] content = archive.small(place(digest));
    var hash = digest.hash();
    hash.update(content);
    if (!digest.matches(hash)) {
      throw new MalformedLayerException("%s is not what its name says".formatted(place(digest)));
    }
    return content;
  }

  private static String place(Digest digest) {
    return "blobs/" + digest.algorithm() + "/" + digest.hex();
  }

  private static Digest digest(String text) throws MalformedLayerException {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new MalformedLayerException("index.json: " + e.getMessage());
    }
  }

  private static JsonNode parse(ImageArchive archive, String file) throws IOException {
    try {
      return JsonTrees.read(archive.small(file));
    } catch (JacksonException e) {
      throw new MalformedLayerException("%s is not JSON".formatted(file));
    }
  }
}
