package io.coxswain.node.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import io.coxswain.node.filesystem.FileTree;
import io.coxswain.node.host.LinuxMounts;
import io.coxswain.node.image.testing.BuiltImage;
import io.coxswain.node.image.testing.ImageBuilder;
import io.coxswain.node.image.testing.ImageBuilder.Compression;
import io.coxswain.node.image.testing.LayerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Images from archives on a real disk: needs root.
@EnabledIf("io.coxswain.node.host.Root#present")
class ImageLoadTest {

  private static final String NAME = "registry.example/team/app:1.0";

  @TempDir Path folder;
  private OverlayImages images;

  @BeforeEach
  void open() throws IOException {
    images =
        OverlayImages.open(
            folder.resolve("images"),
            folder.resolve("run"),
            folder,
            Registries.standard(),
            new LinuxMounts(),
            Clock.systemUTC(),
            new SimpleMeterRegistry());
  }

  @AfterEach
  void close() throws IOException {
    for (String owner : images.rootfsOwners()) {
      images.unmountRootfs(owner);
    }
    images.close();
    new LinuxMounts().unmountBelow(folder);
    FileTree.delete(folder.resolve("images"));
  }

  private static ImageBuilder app() {
    return new ImageBuilder()
        .layer(new LayerBuilder().file("a", "lower").file("gone", "lower"))
        .layer(new LayerBuilder().file("a", "upper").whiteout("", "gone"))
        .command("/a");
  }

  private List<PulledImage> load(byte[] archive, String name) throws Exception {
    return images.load(new ByteArrayInputStream(archive), name);
  }

  private void assertUsable(String name, String id) throws Exception {
    PulledImage image = images.pull(new ImageRequest(name, PullPolicy.NEVER, List.of()));
    assertThat(image.id()).isEqualTo(id);
    Path rootfs = images.mountRootfs(image, "c1");
    assertThat(rootfs.resolve("a")).hasContent("upper");
    assertThat(rootfs.resolve("gone")).doesNotExist();
    images.unmountRootfs("c1");
  }

  private void assertNothingLeft() throws IOException {
    assertThat(images.list()).isEmpty();
    try (Stream<Path> scratch = Files.list(folder.resolve("images/scratch"))) {
      assertThat(scratch).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void aLayoutIsLoaded(Compression compression) throws Exception {
    BuiltImage built = app().compression(compression).build();
    assertThat(load(built.layout(NAME), ""))
        .singleElement()
        .satisfies(image -> assertThat(image.name()).isEqualTo(NAME));
    assertUsable(NAME, built.configDigest());
  }

  @Test
  void whatDockerSavesIsLoadedUnderAllItsNames() throws Exception {
    BuiltImage built = app().compression(Compression.NONE).build();
    assertThat(load(built.saved("app:1.0", "app:latest"), ""))
        .extracting(PulledImage::name)
        .containsExactly("docker.io/library/app:1.0", "docker.io/library/app:latest");
    assertUsable("app", built.configDigest());
    assertUsable("app:1.0", built.configDigest());
  }

  @Test
  void linkedLayersOfOldArchivesAreFound() throws Exception {
    byte[] layer = new LayerBuilder().file("a", "upper").build();
    BuiltImage built =
        new ImageBuilder().compression(Compression.NONE).layer(layer).layer(layer).build();
    byte[] archive =
        new LayerBuilder()
            .file("./one/layer.tar", 0644, layer)
            .symbolicLink("./two/layer.tar", "../one/layer.tar")
            .file("config.json", 0644, config(built))
            .file(
                "manifest.json",
                "[{\"Config\":\"config.json\",\"RepoTags\":[\"app:1\"],"
                    + "\"Layers\":[\"one/layer.tar\",\"two/layer.tar\"]}]")
            .build();
    assertThat(load(archive, "")).hasSize(1);
    assertUsable("app:1", built.configDigest());
  }

  static List<byte[]> packed() throws IOException {
    byte[] plain = app().build().layout(NAME);
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
      out.write(plain);
    }
    return List.of(gzip.toByteArray(), Zstd.compress(plain));
  }

  @ParameterizedTest
  @MethodSource("packed")
  void archivesMayBeCompressed(byte[] archive) throws Exception {
    assertThat(load(archive, "")).hasSize(1);
  }

  @Test
  void aNameCanBeGiven() throws Exception {
    byte[] archive = app().build().layout("latest");
    assertThatThrownBy(() -> load(archive, ""))
        .hasMessage("the archive does not say the name of its image: give it one");
    assertNothingLeft();
    assertThat(load(archive, "mine:2"))
        .extracting(PulledImage::name)
        .containsExactly("docker.io/library/mine:2");
    assertThatThrownBy(() -> load(archive, "host:///"))
        .hasMessageContaining("is no name for an image from an archive");
  }

  @Test
  void anImageThatIsThereUnderTheNameIsReplaced() throws Exception {
    var _ = load(app().build().layout(NAME), "");
    BuiltImage later = app().environment("A=2").build();
    var _ = load(later.layout(NAME), "");
    assertUsable(NAME, later.configDigest());
  }

  @Test
  void ofAnotherPlatformItIsRefused() {
    byte[] index =
        ("{\"manifests\":[{\"digest\":\"sha256:"
                + "0".repeat(64)
                + "\",\"platform\":{\"os\":\"plan9\",\"architecture\":\"vax\"}}]}")
            .getBytes(UTF_8);
    byte[] archive = new LayerBuilder().file("index.json", 0644, index).build();
    assertThatThrownBy(() -> load(archive, NAME))
        .hasMessageContaining("the archive has no image for linux/");
  }

  /// What is wrong, and an archive that has it.
  static Stream<Hostile> hostile() {
    BuiltImage built = app().compression(Compression.NONE).build();
    byte[] good = built.saved("app:1");
    String config = new String(config(built), UTF_8);
    return Stream.of(
        new Hostile("this is no tar archive", "PK\3\4".repeat(200).getBytes(UTF_8)),
        new Hostile("neither manifest.json", new LayerBuilder().file("a", "b").build()),
        new Hostile("neither manifest.json", new byte[0]),
        new Hostile("ends inside", Arrays.copyOf(good, good.length / 2)),
        new Hostile("is not JSON", new LayerBuilder().file("manifest.json", "[{").build()),
        new Hostile("the archive has no image", manifest("[]")),
        new Hostile(
            "does not have it",
            manifest("[{\"Config\":\"/etc/passwd\",\"RepoTags\":[\"a\"],\"Layers\":[]}]")),
        new Hostile(
            "does not have it",
            new LayerBuilder()
                .symbolicLink("c", "../../../../etc/hostname")
                .file("manifest.json", "[{\"Config\":\"c\",\"RepoTags\":[\"a\"],\"Layers\":[]}]")
                .build()),
        new Hostile(
            "does not have it",
            new LayerBuilder()
                .symbolicLink("c", "d")
                .symbolicLink("d", "c")
                .file("manifest.json", "[{\"Config\":\"c\",\"RepoTags\":[\"a\"],\"Layers\":[]}]")
                .build()),
        new Hostile(
            "names 2 layers and the archive 1",
            new LayerBuilder()
                .file("c", config)
                .file("l", "")
                .file(
                    "manifest.json", "[{\"Config\":\"c\",\"RepoTags\":[\"a\"],\"Layers\":[\"l\"]}]")
                .build()),
        new Hostile(
            "not what the image's config says",
            new LayerBuilder()
                .file("c", config)
                .file("l", 0644, new LayerBuilder().file("evil", "x").build())
                .file(
                    "manifest.json",
                    "[{\"Config\":\"c\",\"RepoTags\":[\"a\"],\"Layers\":[\"l\",\"l\"]}]")
                .build()),
        new Hostile("has no valid name", built.saved("UPPER CASE")),
        new Hostile("digest algorithm md5 is not supported", layout("md5:1")),
        new Hostile("is no digest", layout("../../etc/passwd")),
        new Hostile("larger than 8 MiB", manifest(" ".repeat(9 << 20))));
  }

  private static byte[] config(BuiltImage built) {
    return built.blobs().getOrDefault(built.configDigest(), new byte[0]);
  }

  private static byte[] manifest(String content) {
    return new LayerBuilder().file("manifest.json", content).build();
  }

  private static byte[] layout(String digest) {
    return new LayerBuilder()
        .file("index.json", "{\"manifests\":[{\"digest\":\"" + digest + "\"}]}")
        .build();
  }

  record Hostile(String message, ByteString archive) {

    Hostile(String message, byte[] archive) {
      this(message, ByteString.copyFrom(archive));
    }

    @Override
    public String toString() {
      return message;
    }
  }

  @ParameterizedTest
  @MethodSource
  void hostile(Hostile hostile) throws Exception {
    assertThatThrownBy(() -> load(hostile.archive().toByteArray(), ""))
        .isInstanceOfAny(IOException.class, ImageException.class)
        .hasMessageContaining(hostile.message());
    assertNothingLeft();
  }

  @Test
  void ofABombNothingIsLeft() throws Exception {
    OverlayImages.HostSystemPlace place = new OverlayImages.HostSystemPlace(Path.of("/"), folder);
    try (OverlayImages small =
        OverlayImages.open(
            folder.resolve("images"),
            folder.resolve("run"),
            place,
            PullOptions.of(Registries.standard()),
            new LayerUnpacker.Limits(1 << 20, 10),
            new LinuxMounts(),
            Clock.systemUTC(),
            new SimpleMeterRegistry())) {
      ByteArrayOutputStream gzip = new ByteArrayOutputStream();
      try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
        out.write(new LayerBuilder().file("zeros", 0644, new byte[4 << 20]).build());
      }
      assertThatThrownBy(() -> small.load(new ByteArrayInputStream(gzip.toByteArray()), ""))
          .hasMessageContaining("more than 1048576 bytes");
    }
    assertNothingLeft();
  }

  @Test
  void manyAtOnceShareALayer() throws Exception {
    BuiltImage built = app().build();
    List<Thread> loading = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      byte[] archive = built.layout("app:" + i);
      loading.add(
          Thread.startVirtualThread(() -> {
            try {
              var _ = load(archive, "");
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          }));
    }
    for (Thread one : loading) {
      one.join();
    }
    assertThat(images.list()).hasSize(8);
    assertUsable("app:3", built.configDigest());
  }
}
