package io.coxswain.node.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.client.codec.JsonTrees;
import io.coxswain.node.filesystem.FileFacts;
import io.coxswain.node.filesystem.FileTree;
import io.coxswain.node.filesystem.FileType;
import io.coxswain.node.filesystem.LinuxFiles;
import io.coxswain.node.filesystem.LinuxReads;
import io.coxswain.node.host.LinuxMounts;
import io.coxswain.node.image.testing.ImageBuilder;
import io.coxswain.node.image.testing.LayerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Archives of images on a real disk: needs root.
@EnabledIf("io.coxswain.node.host.Root#present")
class ImageSaveTest {

  private static final String NAME = "registry.example/team/app:1.0";
  private static final CollectOptions ALL =
      new CollectOptions(0, 0, Duration.ofSeconds(-1), Duration.ZERO);

  @TempDir Path folder;
  private OverlayImages images;
  private OverlayImages others;

  @BeforeEach
  void open() throws IOException {
    images = store("one");
    others = store("two");
  }

  private OverlayImages store(String name) throws IOException {
    return OverlayImages.open(
        folder.resolve(name),
        folder.resolve(name + "-run"),
        folder,
        Registries.standard(),
        new LinuxMounts(),
        Clock.systemUTC(),
        new SimpleMeterRegistry());
  }

  @AfterEach
  void close() throws IOException {
    images.close();
    others.close();
    new LinuxMounts().unmountBelow(folder);
    FileTree.delete(folder.resolve("one"));
    FileTree.delete(folder.resolve("two"));
  }

  /// All that a layer can have.
  private static ImageBuilder everything() {
    String deep = "deep/" + "folder-with-a-long-name/".repeat(12);
    String capability = "\1\0\0\2\0\4\0\0" + "\0".repeat(12);
    return new ImageBuilder()
        .layer(
            new LayerBuilder()
                .folder("etc/", 0755)
                .file("etc/a", "lower")
                .file("etc/gone", "lower")
                .folder("var/", 0755)
                .file("var/old", "lower"))
        .layer(
            new LayerBuilder()
                .folder("./", 0700)
                .folder("etc/", 0750)
                .file("etc/a", "upper")
                .whiteout("etc", "gone")
                .folder("var/", 01777)
                .opaque("var")
                .file("var/new", "upper")
                .hardLink("bin/second", "var/new")
                .hardLink("a-first-name", "var/new")
                .symbolicLink("bin/link", "../var/new")
                .hardLink("bin/same-link", "bin/link")
                .file("bin/setuid", 04755, "program".getBytes(UTF_8))
                .file(
                    "bin/attributes",
                    Map.of(
                        "SCHILY.xattr.user.note",
                        "a\nb=ü",
                        "SCHILY.xattr.security.capability",
                        capability),
                    "x")
                .file("times", Map.of("mtime", "1700000000.1234567"), "x")
                .owned("owned", 3_000_000, 4_000_000_000L, "x")
                .file(deep + "größe-" + "x".repeat(120), "x")
                .file("large", 0644, new byte[700_001])
                .special("fifo", TarConstants.LF_FIFO)
                .device("null", false, 1, 3)
                .device("disk", true, 8, 0))
        .layer(new LayerBuilder())
        .environment("A=ü")
        .entrypoint("/bin/setuid")
        .user("1000");
  }

  private static void load(OverlayImages into, byte[] archive, String name) throws Exception {
    var _ = into.load(new ByteArrayInputStream(archive), name);
  }

  private static byte[] save(OverlayImages from, String... names) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    from.save(List.of(names), bytes);
    return bytes.toByteArray();
  }

  private ImageRecord record(String store, String name) throws IOException {
    try (Stream<Path> all = Files.list(folder.resolve(store).resolve("records"))) {
      for (Path file : all.toList()) {
        ImageRecord record = ImageRecord.decode(Files.readAllBytes(file));
        if (record.name().equals(name)) {
          return record;
        }
      }
    }
    throw new IOException("no record of " + name);
  }

  private JsonNode config(String store, ImageRecord record) throws IOException {
    ImageFolders folders = new ImageFolders(folder.resolve(store), folder);
    return JsonTrees.read(Files.readAllBytes(folders.blob(record.config())));
  }

  private List<Map<String, String>> trees(String store, ImageRecord record) throws IOException {
    List<Map<String, String>> trees = new ArrayList<>();
    for (Digest layer : record.layers()) {
      Map<String, String> tree = new TreeMap<>();
      Path fs = folder.resolve(store).resolve("layers").resolve(LayerStore.id(layer)).resolve("fs");
      list(LinuxFiles.open(LinuxFiles.AT_FDCWD, fs.toString(), 0, 0, 0), "", tree);
      trees.add(tree);
    }
    return trees;
  }

  private static void list(int opened, String path, Map<String, String> tree) throws IOException {
    try {
      for (String name : LinuxReads.names(opened, 10_000)) {
        FileFacts facts = LinuxReads.facts(opened, name);
        StringBuilder text = new StringBuilder();
        text.append(Integer.toOctalString(facts.mode())).append(' ').append(facts.user());
        text.append(' ').append(facts.group());
        boolean link = facts.type() == FileType.LINK;
        if (link) {
          text.append(' ').append(LinuxFiles.readLink(opened, name));
        }
        if (facts.type() == FileType.CHARACTER_DEVICE) {
          text.append(" whiteout ").append(facts.device());
        } else {
          text.append(' ').append(facts.modified());
        }
        if (!facts.isFolder()) {
          text.append(' ').append(facts.links()).append(" names, bytes ").append(facts.size());
        }
        if (facts.isFolder() || facts.type() == FileType.FILE) {
          int file = LinuxFiles.open(opened, name, 0, 0, 0);
          LinuxReads.attributes(file)
              .forEach((attribute, value) ->
                  text.append(' ')
                      .append(attribute)
                      .append('=')
                      .append(HexFormat.of().formatHex(value)));
          if (facts.isFolder()) {
            list(file, path + name + "/", tree);
          } else {
            byte[] content = Files.readAllBytes(Path.of("/proc/self/fd/" + file));
            text.append(' ').append(Digest.of(content));
            LinuxFiles.close(file);
          }
        }
        tree.put(path + name, text.toString());
      }
    } finally {
      LinuxFiles.close(opened);
    }
  }

  private static JsonNode withoutLayers(JsonNode config) {
    ObjectNode copy = (ObjectNode) JsonTrees.read(JsonTrees.bytes(config));
    ((ObjectNode) copy.path("rootfs")).remove("diff_ids");
    return copy;
  }

  @Test
  void whatIsSavedAndLoadedIsTheSameButForItsDigests() throws Exception {
    load(images, everything().build().layout(NAME), "");
    byte[] archive = save(images, NAME);
    load(others, archive, "");

    ImageRecord one = record("one", NAME);
    ImageRecord two = record("two", NAME);
    assertThat(trees("two", two)).isEqualTo(trees("one", one));
    assertThat(trees("two", two).get(1))
        .containsKeys("etc/gone", "bin/same-link", "fifo", "a-first-name")
        .doesNotContainKeys("null", "disk")
        .hasEntrySatisfying("etc/gone", text -> assertThat(text).contains("whiteout 0"))
        .hasEntrySatisfying(
            "var", text -> assertThat(text).contains("41777", "trusted.overlay.opaque=79"))
        .hasEntrySatisfying("var/new", text -> assertThat(text).contains("3 names"))
        .hasEntrySatisfying("times", text -> assertThat(text).contains("20.123456700Z"));
    assertThat(withoutLayers(config("two", two))).isEqualTo(withoutLayers(config("one", one)));
    assertThat(two.layers()).isNotEqualTo(one.layers());

    assertThat(save(images, NAME)).isEqualTo(archive);
    assertThat(save(others, NAME)).isEqualTo(archive);
  }

  private static Map<String, byte[]> members(byte[] archive) throws IOException {
    Map<String, byte[]> members = new TreeMap<>();
    TarReader tar = new TarReader(new ByteArrayInputStream(archive));
    for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
      byte[] content = new byte[(int) entry.size()];
      int at = 0;
      while (at < content.length) {
        at += tar.read(content, at, content.length - at);
      }
      assertThat(members.put(entry.path(), content)).as(entry.path()).isNull();
    }
    return members;
  }

  private static JsonNode json(Map<String, byte[]> members, String name) {
    return JsonTrees.read(members.getOrDefault(name, new byte[0]));
  }

  @Test
  void imagesShareTheirLayersAndAreNamedAsDockerAndOciDo() throws Exception {
    byte[] base = new LayerBuilder().file("base", "x").build();
    load(images, new ImageBuilder().layer(base).user("1").build().saved("a:1", "a:latest"), "");
    load(
        images,
        new ImageBuilder().layer(base).layer(new LayerBuilder().file("b", "x")).build().layout("x"),
        NAME);
    byte[] archive = save(images, NAME, "a", "a:1", "docker.io/library/a:latest");
    Map<String, byte[]> members = members(archive);
    members.forEach((name, content) -> {
      if (name.startsWith("blobs/sha256/") && content.length > 0) {
        assertThat(name).endsWith("/" + Digest.of(content).hex());
      }
    });
    // two folders, two configs, two manifests, two layers
    assertThat(members.keySet()).filteredOn(name -> name.startsWith("blobs/")).hasSize(8);
    assertThat(json(members, "oci-layout").path("imageLayoutVersion").asString())
        .isEqualTo("1.0.0");

    JsonNode docker = json(members, "manifest.json");
    assertThat(docker).hasSize(2);
    assertThat(docker.path(0).path("RepoTags").valueStream().map(JsonNode::asString))
        .containsExactly("docker.io/library/a:1", "docker.io/library/a:latest");
    assertThat(docker.path(1).path("Layers")).hasSize(2);
    assertThat(docker.path(1).path("Layers").path(0))
        .isEqualTo(docker.path(0).path("Layers").path(0));
    assertThat(members).containsKey(docker.path(0).path("Config").asString());

    JsonNode index = json(members, "index.json");
    List<String> annotated = new ArrayList<>();
    for (JsonNode one : index.path("manifests")) {
      JsonNode annotations = one.path("annotations");
      annotated.add(
          annotations.path("io.containerd.image.name").asString()
              + " "
              + annotations.path("org.opencontainers.image.ref.name").asString());
      String manifest = "blobs/sha256/" + one.path("digest").asString().substring(7);
      assertThat(one.path("size").asLong())
          .isEqualTo(members.getOrDefault(manifest, new byte[0]).length);
    }
    assertThat(annotated)
        .containsExactly(
            "docker.io/library/a:1 1", "docker.io/library/a:latest latest", NAME + " 1.0");

    load(others, archive, "");
    assertThat(others.list())
        .extracting(PulledImage::name)
        .containsExactlyInAnyOrder("docker.io/library/a:1", "docker.io/library/a:latest", NAME);

    // the same without the layout, as tools of docker's archives see it
    LayerBuilder onlyDocker = new LayerBuilder();
    members.forEach((name, content) -> {
      if (!name.equals("index.json") && !name.endsWith("/")) {
        onlyDocker.file(name, 0644, content);
      }
    });
    load(others, onlyDocker.build(), "");
    assertThat(others.list()).hasSize(3);
  }

  @Test
  void whatIsKnownByItsDigestAloneComesWithoutAName() throws Exception {
    String name = "app@sha256:" + "1".repeat(64);
    load(images, everything().build().layout("x"), name);
    byte[] archive = save(images, name);
    assertThatThrownBy(() -> load(others, archive, ""))
        .hasMessageContaining("does not say the name of its image");
    load(others, archive, NAME);
    assertThat(others.list()).extracting(PulledImage::name).containsExactly(NAME);
  }

  @Test
  void whatIsNotHereIsToldBeforeAnythingIsWritten() throws Exception {
    load(images, everything().build().layout(NAME), "");
    ByteArrayOutputStream nothing = new ByteArrayOutputStream();
    for (Map.Entry<List<String>, String> wrong :
        Map.of(
                List.of(NAME, "team/app:2"),
                "image docker.io/team/app:2 is not on this node, which has " + NAME,
                List.of("other"),
                "image docker.io/library/other:latest is not on this node",
                List.of("host:///"),
                "host:/// is the node's own files",
                List.of("UPPER"),
                "has no valid name",
                List.<String>of(),
                "an archive is of 1 to")
            .entrySet()) {
      assertThatThrownBy(() -> images.save(wrong.getKey(), nothing))
          .isInstanceOf(ImageException.class)
          .hasMessageContaining(wrong.getValue());
    }
    assertThat(nothing.size()).isZero();
  }

  private long layerFolders() throws IOException {
    try (Stream<Path> all = Files.list(folder.resolve("one/layers"))) {
      return all.count();
    }
  }

  @Test
  void whatIsCollectedMeanwhileIsSavedAsAWhole() throws Exception {
    load(images, everything().build().layout(NAME), "");
    byte[] whole = save(images, NAME);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List<String> gone = new ArrayList<>();
    images.save(
        List.of(NAME),
        new OutputStream() {
          @Override
          public void write(int one) {
            bytes.write(one);
          }

          @Override
          public void write(byte[] piece, int offset, int length) throws IOException {
            // nor does a slow reader keep anybody from collecting
            gone.addAll(images.collectGarbage(ALL));
            bytes.write(piece, offset, length);
          }
        });
    assertThat(gone).containsExactly(NAME);
    assertThat(bytes.toByteArray()).isEqualTo(whole);
    assertThat(layerFolders()).isEqualTo(3);
    assertThat(images.collectGarbage(ALL)).isEmpty();
    assertThat(layerFolders()).isZero();
  }

  @Test
  void whoGoesAwayOrWaitsForEverHoldsNothing() throws Exception {
    load(images, everything().build().layout(NAME), "");
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            throw new IOException("gone away");
          }
        };
    for (int i = 0; i < 2 * ImageSaver.MOST_AT_ONCE; i++) {
      assertThatThrownBy(() -> images.save(List.of(NAME), broken)).hasMessage("gone away");
    }

    CountDownLatch waiting = new CountDownLatch(ImageSaver.MOST_AT_ONCE);
    OutputStream stuck =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            waiting.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              throw new InterruptedIOException();
            }
          }
        };
    List<AtomicReference<Throwable>> ends = new ArrayList<>();
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < ImageSaver.MOST_AT_ONCE; i++) {
      AtomicReference<Throwable> end = new AtomicReference<>();
      ends.add(end);
      readers.add(
          Thread.startVirtualThread(() -> {
            try {
              images.save(List.of(NAME), stuck);
            } catch (ImageException | IOException | InterruptedException e) {
              end.set(e);
            }
          }));
    }
    waiting.await();
    assertThatThrownBy(() -> save(images, NAME))
        .isInstanceOf(TooManySavesException.class)
        .hasMessageContaining("4 archives are being written on this node already");
    load(images, everything().user("0").build().layout("other:1"), "other:1");
    assertThat(images.collectGarbage(ALL)).hasSize(2);
    assertThat(layerFolders()).isEqualTo(3);

    readers.forEach(Thread::interrupt);
    for (Thread reader : readers) {
      reader.join();
    }
    assertThat(ends)
        .allSatisfy(end -> assertThat(end.get()).isInstanceOf(InterruptedException.class));
    await().untilAsserted(() -> assertThat(images.collectGarbage(ALL)).isEmpty());
    assertThat(layerFolders()).isZero();
  }

  @Test
  void otherToolsTakeIt() throws Exception {
    Path skopeo = Path.of("/usr/bin/skopeo");
    assumeThat(skopeo).exists();
    load(images, everything().build().layout(NAME), "");
    Path file = folder.resolve("saved.tar");
    Files.write(file, save(images, NAME));
    for (String source :
        List.of("oci-archive:" + file + ":1.0", "docker-archive:" + file + ":" + NAME)) {
      Path copy = folder.resolve(source.substring(0, source.indexOf(':')));
      Process copied =
          new ProcessBuilder(
                  skopeo.toString(),
                  "copy",
                  "--insecure-policy",
                  source,
                  "oci-archive:" + copy + ":again")
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("said").toFile())
              .start();
      assertThat(copied.waitFor()).as(Files.readString(folder.resolve("said"))).isZero();
      load(others, Files.readAllBytes(copy), NAME);
      assertThat(trees("two", record("two", NAME))).isEqualTo(trees("one", record("one", NAME)));
    }
  }
}
