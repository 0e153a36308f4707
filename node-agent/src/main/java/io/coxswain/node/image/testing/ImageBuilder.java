package io.coxswain.node.image.testing;

import com.github.luben.zstd.Zstd;
import io.coxswain.client.codec.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Makes container images in memory.
public final class ImageBuilder {

  /// How layers are packed.
  public enum Compression {
    NONE,
    GZIP,
    ZSTD
  }

  private static final JsonMapper JSON = new JsonMapper();
  private static final List<String> APPLETS =
      List.of(
          "sh",
          "ls",
          "cat",
          "echo",
          "sleep",
          "env",
          "id",
          "mkdir",
          "rm",
          "touch",
          "true",
          "false",
          "httpd",
          "wget",
          "nc",
          "nslookup",
          "ps",
          "kill",
          "hostname",
          "date",
          "dd",
          "tail",
          "head",
          "grep",
          "stat",
          "mount",
          "test",
          "seq",
          "printf",
          "vi",
          "pwd",
          "ln",
          "chmod",
          "chown",
          "cp",
          "mv",
          "tr",
          "wc",
          "trap",
          "yes",
          "nproc",
          "free",
          "df",
          "ip",
          "ping",
          "telnet");

  private final List<byte[]> layers = new ArrayList<>();
  private final ObjectNode config = JSON.createObjectNode();
  private Compression compression = Compression.GZIP;
  private boolean docker;
  private String architecture = architecture();

  /// An image of busybox with its applets in `/bin`, and users root, nobody and app (1000).
  ///
  /// @throws UncheckedIOException when Debian's `busybox-static` is not installed
  public static ImageBuilder busybox() {
    Path program =
        Path.of(Files.exists(Path.of("/bin/busybox")) ? "/bin/busybox" : "/usr/bin/busybox");
    try {
      LayerBuilder layer =
          new LayerBuilder()
              .folder("bin/", 0755)
              .file("bin/busybox", 0755, Files.readAllBytes(program));
      APPLETS.forEach(applet -> layer.symbolicLink("bin/" + applet, "busybox"));
      layer
          .folder("etc/", 0755)
          .file(
              "etc/passwd",
              "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n")
          .file("etc/group", "root:x:0:\napp:x:1000:\nextra:x:2000:app\nnobody:x:65534:\n")
          .folder("tmp/", 01777)
          .folder("root/", 0700);
      return new ImageBuilder().layer(layer).environment("PATH=/bin").command("/bin/sh");
    } catch (IOException e) {
      throw new UncheckedIOException("busybox is needed: apt-get install busybox-static", e);
    }
  }

  public ImageBuilder layer(LayerBuilder layer) {
    return layer(layer.build());
  }

  /// @param archive not compressed
  public ImageBuilder layer(byte[] archive) {
    layers.add(archive);
    return this;
  }

  public ImageBuilder compression(Compression chosen) {
    compression = chosen;
    return this;
  }

  /// With Docker's media types instead of OCI's.
  public ImageBuilder docker() {
    docker = true;
    return this;
  }

  /// In Go's names, as `arm64`.
  public ImageBuilder architecture(String name) {
    architecture = name;
    return this;
  }

  public ImageBuilder environment(String... variables) {
    return texts("Env", variables);
  }

  public ImageBuilder entrypoint(String... words) {
    return texts("Entrypoint", words);
  }

  public ImageBuilder command(String... words) {
    return texts("Cmd", words);
  }

  public ImageBuilder user(String user) {
    config.put("User", user);
    return this;
  }

  public ImageBuilder workingDirectory(String folder) {
    config.put("WorkingDir", folder);
    return this;
  }

  public ImageBuilder stopSignal(String signal) {
    config.put("StopSignal", signal);
    return this;
  }

  public BuiltImage build() {
    Map<String, byte[]> blobs = new LinkedHashMap<>();
    ObjectNode image = JSON.createObjectNode().put("os", "linux").put("architecture", architecture);
    image.set("config", config);
    ArrayNode diffIds = image.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    ObjectNode manifest =
        JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", manifestType());
    List<ObjectNode> descriptors = new ArrayList<>();
    for (byte[] layer : layers) {
      diffIds.add(digest(layer));
      byte[] packed = packed(layer);
      blobs.put(digest(packed), packed);
      descriptors.add(descriptor(layerType(), packed));
    }
    byte[] imageJson = JSON.writeValueAsBytes(image);
    blobs.put(digest(imageJson), imageJson);
    manifest.set("config", descriptor(configType(), imageJson));
    manifest.putArray("layers").addAll(descriptors);
    return new BuiltImage(manifestType(), manifest.toString(), blobs, digest(imageJson));
  }

  private ImageBuilder texts(String field, String... texts) {
    ArrayNode list = config.putArray(field);
    for (String text : texts) {
      list.add(text);
    }
    return this;
  }

  private static ObjectNode descriptor(String type, byte[] content) {
    return JSON.createObjectNode()
        .put("mediaType", type)
        .put("digest", digest(content))
        .put("size", content.length);
  }

  private String manifestType() {
    return docker
        ? "application/vnd.docker.distribution.manifest.v2+json"
        : "application/vnd.oci.image.manifest.v1+json";
  }

  private String configType() {
    return docker
        ? "application/vnd.docker.container.image.v1+json"
        : "application/vnd.oci.image.config.v1+json";
  }

  private String layerType() {
    if (docker) {
      return "application/vnd.docker.image.rootfs.diff.tar.gzip";
    }
    return "application/vnd.oci.image.layer.v1.tar"
        + switch (compression) {
          case NONE -> "";
          case GZIP -> "+gzip";
          case ZSTD -> "+zstd";
        };
  }

  private byte[] packed(byte[] layer) {
    return switch (compression) {
      case NONE -> layer;
      case ZSTD -> Zstd.compress(layer);
      case GZIP -> {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
          gzip.write(layer);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        yield bytes.toByteArray();
      }
    };
  }

  static String digest(byte[] content) {
    return "sha256:" + Sha256.hex(content);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String architecture() {
    String name = System.getProperty("os.arch", "");
    return name.equals("aarch64") ? "arm64" : name;
  }
}
