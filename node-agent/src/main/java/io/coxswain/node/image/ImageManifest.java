package io.coxswain.node.image;

import io.coxswain.client.codec.JsonTrees;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What a registry says an image consists of: OCI manifests and Docker's version 2, which differ
/// only in names of types.
///
/// @param layers the lowest first
record ImageManifest(Descriptor config, List<Descriptor> layers) {

  /// As `docker pull` accepts them, without the long gone schema 1.
  static final String ACCEPT =
      String.join(
          ", ",
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json",
          "application/vnd.docker.distribution.manifest.v2+json");

  private static final int MAX_LAYERS = 500; // as overlayfs

  /// Points at content.
  ///
  /// @param size bytes
  record Descriptor(String mediaType, Digest digest, long size) {}

  /// An operating system and architecture in Go's names, as `linux` and `arm64`.
  record Platform(String system, String architecture) {

    static Platform current() {
      String name = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
      String architecture =
          switch (name) {
            case "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> name;
          };
      return new Platform("linux", architecture);
    }

    @Override
    public String toString() {
      return system + "/" + architecture;
    }
  }

  ImageManifest {
    layers = List.copyOf(layers);
  }

  static boolean isIndex(byte[] content) throws RegistryException {
    JsonNode root = parse(content);
    boolean index = root.path("manifests").isArray();
    // What one tool reads as this and another as that, nobody has looked at.
    if (index && (root.has("layers") || root.has("config"))) {
      throw new RegistryException(
          0, "what the registry has under this name is an index and an image at once");
    }
    return index;
  }

  /// The one manifest of an index that fits this machine.
  ///
  /// @throws RegistryException naming the platforms there are, when none does
  static Descriptor select(byte[] index, Platform platform) throws RegistryException {
    List<String> offered = new ArrayList<>();
    for (JsonNode entry : parse(index).path("manifests")) {
      JsonNode offer = entry.path("platform");
      Platform its =
          new Platform(offer.path("os").asString(""), offer.path("architecture").asString(""));
      if (its.equals(platform) || offer.isMissingNode()) {
        return descriptor(entry);
      }
      if (!its.system().equals("unknown")) {
        offered.add(its.toString());
      }
    }
    throw new RegistryException(
        0,
        "the image is not made for %s, only for %s"
            .formatted(platform, offered.stream().distinct().collect(Collectors.joining(", "))));
  }

  static ImageManifest read(byte[] content) throws RegistryException {
    JsonNode root = parse(content);
    if (root.path("schemaVersion").asInt(0) == 1) {
      throw new RegistryException(
          0, "the image is in Docker's old format (schema 1): push it again with a current tool");
    }
    if (!root.path("config").isObject() || !root.path("layers").isArray()) {
      throw new RegistryException(0, "what the registry has under this name is no container image");
    }
    List<Descriptor> layers = new ArrayList<>();
    for (JsonNode layer : root.path("layers")) {
      layers.add(descriptor(layer));
    }
    if (layers.size() > MAX_LAYERS) {
      throw new RegistryException(0, "the image has more than %d layers".formatted(MAX_LAYERS));
    }
    return new ImageManifest(descriptor(root.path("config")), layers);
  }

  /// What the image's config says.
  ///
  /// @param diffIds digests of the unpacked layers, the lowest first
  record Config(ImageConfig config, List<Digest> diffIds) {
    Config {
      diffIds = List.copyOf(diffIds);
    }
  }

  static Config readConfig(byte[] content) throws RegistryException {
    JsonNode root = parse(content);
    JsonNode config = root.path("config");
    List<Digest> diffIds = new ArrayList<>();
    for (JsonNode id : root.path("rootfs").path("diff_ids")) {
      diffIds.add(digest(id));
    }
    return new Config(
        new ImageConfig(
            texts(config.path("Env")),
            texts(config.path("Entrypoint")),
            texts(config.path("Cmd")),
            config.path("User").asString(""),
            config.path("WorkingDir").asString(""),
            config.path("StopSignal").asString(""),
            config
                .path("Volumes")
                .propertyStream()
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet())),
        diffIds);
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(text -> text.asString("")).toList();
  }

  private static Descriptor descriptor(JsonNode node) throws RegistryException {
    long size = node.path("size").asLong(-1);
    if (size < 0) {
      throw new RegistryException(0, "the image's manifest names content without its size");
    }
    return new Descriptor(node.path("mediaType").asString(""), digest(node.path("digest")), size);
  }

  private static Digest digest(JsonNode node) throws RegistryException {
    try {
      return Digest.parse(Optional.ofNullable(node.stringValue(null)).orElse(""));
    } catch (IllegalArgumentException e) {
      throw new RegistryException(0, "the image's manifest is damaged: " + e.getMessage());
    }
  }

  private static JsonNode parse(byte[] content) throws RegistryException {
    try {
      return JsonTrees.read(content);
    } catch (JacksonException e) {
      throw new RegistryException(0, "the image's manifest is not JSON");
    }
  }
}
