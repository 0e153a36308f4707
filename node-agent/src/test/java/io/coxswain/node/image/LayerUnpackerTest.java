package io.coxswain.node.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.node.filesystem.FileTree;
import io.coxswain.node.image.testing.LayerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Needs root, as ownership is set.
class LayerUnpackerTest {

  private static final LayerUnpacker.Limits SMALL = new LayerUnpacker.Limits(1 << 20, 50);

  @TempDir Path folder;
  private Path layer;
  private Path outside;

  @BeforeEach
  void prepare() throws IOException {
    layer = Files.createDirectory(folder.resolve("layer"));
    outside = Files.createDirectory(folder.resolve("outside"));
    Files.writeString(outside.resolve("victim"), "untouched");
  }

  @AfterEach
  void nothingOutsideIsTouched() throws IOException {
    assertThat(outside.resolve("victim")).hasContent("untouched");
    try (Stream<Path> all = Files.list(outside)) {
      assertThat(all).hasSize(1);
    }
    try (Stream<Path> all = Files.list(folder)) {
      assertThat(all).hasSize(2);
    }
    FileTree.delete(layer);
  }

  private long unpack(byte[] archive) throws IOException {
    return LayerUnpacker.unpack(new ByteArrayInputStream(archive), layer, SMALL);
  }

  /// @param message part of the refusal; empty when the archive is to be unpacked harmlessly
  record Hostile(String name, Consumer<LayerBuilder> members, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Hostile> hostile() {
    String longPart = "x".repeat(300);
    return Stream.of(
        new Hostile("path up", l -> l.file("../outside/new", "x"), "leads out"),
        new Hostile("path up in the middle", l -> l.file("a/../../outside/new", "x"), "leads out"),
        new Hostile("path up in a folder", l -> l.folder("../outside/d/", 0755), "leads out"),
        new Hostile("absolute path", l -> l.file("/outside/new", "x"), ""),
        new Hostile("link up", l -> l.symbolicLink("l", "../outside").file("l/new", "x"), ""),
        new Hostile(
            "absolute link", l -> l.symbolicLink("l", "/outside").file("l/victim", "x"), ""),
        new Hostile(
            "link to a link",
            l -> l.symbolicLink("a", "..").symbolicLink("b", "a/outside").file("b/new", "x"),
            ""),
        new Hostile(
            "link in place of a file",
            l -> l.symbolicLink("f", "../outside/victim").file("f", "x"),
            ""),
        new Hostile(
            "link in place of a folder",
            l -> l.folder("d/", 0755).symbolicLink("d", "../outside").file("d/new", "x"),
            ""),
        new Hostile(
            "folder over a link",
            l -> l.symbolicLink("d", "../outside").folder("d/", 0700).file("d/new", "x"),
            ""),
        new Hostile("link to itself", l -> l.symbolicLink("l", "l").file("l/x", "x"), "circles"),
        new Hostile(
            "links in a circle",
            l -> l.symbolicLink("a", "b").symbolicLink("b", "a").file("a/x", "x"),
            "circles"),
        new Hostile("magic link", l -> l.symbolicLink("p", "/proc/self/root").file("p/x", "x"), ""),
        new Hostile("hard link up", l -> l.hardLink("h", "../outside/victim"), "leads out"),
        new Hostile(
            "hard link to an absolute",
            l -> l.hardLink("h", "/outside/victim"),
            "not in the layer"),
        new Hostile(
            "hard link through a link",
            l -> l.symbolicLink("l", "../outside").hardLink("h", "l/victim").file("h", "x"),
            "not in the layer"),
        new Hostile("hard link to nothing", l -> l.hardLink("h", "none"), "not in the layer"),
        new Hostile(
            "hard link to a folder", l -> l.folder("d/", 0755).hardLink("h", "d"), "cannot place"),
        new Hostile("hard link to the root", l -> l.hardLink("h", "/"), "no file"),
        new Hostile("hard link to itself", l -> l.file("f", "x").hardLink("f", "f"), ""),
        new Hostile("whiteout up", l -> l.file(".wh...", ""), "whiteout"),
        new Hostile("whiteout of itself", l -> l.file(".wh..", ""), "whiteout"),
        new Hostile("whiteout of nothing", l -> l.file(".wh.", ""), "whiteout"),
        new Hostile("file below a whiteout", l -> l.file(".wh.d/f", "x"), "whiteout"),
        new Hostile(
            "whiteout through a link",
            l -> l.symbolicLink("l", "../outside").whiteout("l", "victim"),
            ""),
        new Hostile(
            "opaque through a link", l -> l.symbolicLink("l", "../outside").opaque("l"), ""),
        new Hostile("file below a file", l -> l.file("f", "x").file("f/g", "y"), "folder"),
        new Hostile("too large", l -> l.file("f", 0644, new byte[(1 << 20) + 1]), "more than"),
        new Hostile("too many", l -> range(51, i -> l.file("f" + i, "")), "more than 50 files"),
        new Hostile("name too long", l -> l.file(longPart, "x"), "too long"),
        new Hostile("path too long", l -> l.file("d/".repeat(2100) + "f", "x"), "cannot be"),
        new Hostile("link text too long", l -> l.symbolicLink("l", "d/".repeat(2100)), "cannot be"),
        new Hostile("no owner", l -> l.owned("f", 0xffffffffL, 0, "x"), "cannot be"),
        new Hostile("owner out of range", l -> l.owned("f", 1L << 40, 0, "x"), "cannot be"),
        new Hostile("unknown type", l -> l.special("f", (byte) 'Z'), "unknown type"),
        new Hostile(
            "overlay's own attribute",
            l -> l.file("f", Map.of("SCHILY.xattr.trusted.overlay.redirect", "/etc"), "x"),
            ""),
        new Hostile(
            "attribute of a policy",
            l -> l.file("f", Map.of("SCHILY.xattr.security.selinux", "x"), "x"),
            ""));
  }

  private static void range(int count, Consumer<Integer> each) {
    for (int i = 0; i < count; i++) {
      each.accept(i);
    }
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void hostileArchivesAreRefusedOrStayInside(Hostile hostile) throws IOException {
    LayerBuilder archive = new LayerBuilder();
    hostile.members().accept(archive);
    byte[] bytes = archive.build();
    if (hostile.message().isEmpty()) {
      unpack(bytes);
    } else {
      assertThatThrownBy(() -> unpack(bytes))
          .isInstanceOf(MalformedLayerException.class)
          .hasMessageContaining(hostile.message());
    }
  }

  @Test
  void devicesAreLeftOut() throws IOException {
    unpack(
        new LayerBuilder()
            .device("sda", true, 8, 0)
            .device("mem", false, 1, 1)
            .device("hidden", false, 0, 0)
            .file("f", "x")
            .build());
    try (Stream<Path> all = Files.list(layer)) {
      assertThat(all).containsExactly(layer.resolve("f"));
    }
  }

  @Test
  void damagedArchivesAreRefused() throws IOException {
    byte[] good = new LayerBuilder().file("f", "x".repeat(3000)).build();
    for (int length : new int[] {100, 511, 700, 2000, 3000}) {
      assertThatThrownBy(() -> unpack(Arrays.copyOf(good, length)))
          .isInstanceOf(MalformedLayerException.class);
    }
    byte[] flipped = good.clone();
    flipped[10] ^= 1;
    assertThatThrownBy(() -> unpack(flipped)).hasMessageContaining("checksum");
    byte[] noise = new byte[2048];
    Arrays.fill(noise, (byte) 7);
    assertThatThrownBy(() -> unpack(noise)).isInstanceOf(MalformedLayerException.class);
  }

  @Test
  void everyKindOfMemberIsPlacedAsItsHeaderSays() throws IOException {
    long size =
        unpack(
            new LayerBuilder()
                .folder("./", 0755)
                .folder("dir/", 01777)
                .file("dir/setuid", 04755, "run".getBytes(StandardCharsets.UTF_8))
                .owned("dir/owned", 70000, 3_000_000_000L, "o")
                .symbolicLink("dir/link", "/anywhere/at all")
                .hardLink("hard", "dir/setuid")
                .file("a/b/c/d", "missing folders are made")
                .file("dir/setuid2", "first")
                .file("dir/setuid2", "second")
                .whiteout("dir", "gone")
                .file("ünï/" + "long".repeat(40), "x")
                .build());
    assertThat(size).isEqualTo(3 + 1 + 24 + 5 + 6 + 1);
    assertThat(mode("dir")).isEqualTo(01777);
    assertThat(mode("dir/setuid")).isEqualTo(04755);
    assertThat(Files.getAttribute(layer.resolve("dir/owned"), "unix:uid")).isEqualTo(70000);
    assertThat((int) Files.getAttribute(layer.resolve("dir/owned"), "unix:gid"))
        .isEqualTo((int) 3_000_000_000L);
    assertThat(Files.readSymbolicLink(layer.resolve("dir/link")))
        .isEqualTo(Path.of("/anywhere/at all"));
    assertThat(Files.getAttribute(layer.resolve("hard"), "unix:nlink")).isEqualTo(2);
    assertThat(layer.resolve("a/b/c/d")).hasContent("missing folders are made");
    assertThat(layer.resolve("dir/setuid2")).hasContent("second");
    assertThat(layer.resolve("ünï/" + "long".repeat(40))).hasContent("x");
    assertThat(Files.getLastModifiedTime(layer.resolve("dir")).toMillis())
        .isEqualTo(1_700_000_000_000L);
    int type =
        (int) Files.getAttribute(layer.resolve("dir/gone"), "unix:mode", LinkOption.NOFOLLOW_LINKS);
    assertThat(type & 0170000).isEqualTo(0020000);
  }

  @Test
  void aLinkIntoALowerLayerIsFollowedInsideThisOne() throws IOException {
    unpack(new LayerBuilder().symbolicLink("lib", "usr/lib").file("lib/new", "x").build());
    assertThat(layer.resolve("usr/lib/new")).hasContent("x");
  }

  @Test
  void archivesOfGnuTarAreRead() throws Exception {
    Path source = Files.createTempDirectory("coxswain-tar-");
    try {
      Files.write(source.resolve("plain"), new byte[100_000]);
      Process sparse =
          new ProcessBuilder("truncate", "-s", "700K", source.resolve("sparse").toString()).start();
      assertThat(sparse.waitFor()).isZero();
      Files.createDirectories(source.resolve("d".repeat(150)).resolve("e".repeat(150)));
      for (String[] format :
          new String[][] {
            {"--format=gnu", "--sparse"},
            {"--format=posix", "--sparse", "--sparse-version=1.0"},
            {"--format=posix", "--sparse", "--sparse-version=0.1"},
            {"--format=posix", "--sparse", "--sparse-version=0.0"}
          }) {
        FileTree.delete(layer);
        Files.createDirectory(layer);
        Process tar =
            new ProcessBuilder(
                    Stream.concat(
                            Stream.of("tar", "-C", source.toString(), "-cf", "-"),
                            Stream.concat(Arrays.stream(format), Stream.of(".")))
                        .toList())
                .start();
        LayerUnpacker.unpack(tar.getInputStream(), layer, SMALL);
        assertThat(Files.size(layer.resolve("sparse"))).as(format[0]).isEqualTo(700 << 10);
        assertThat(layer.resolve("plain")).hasSize(100_000);
        assertThat(layer.resolve("d".repeat(150)).resolve("e".repeat(150))).isDirectory();
      }
    } finally {
      FileTree.delete(source);
    }
  }

  private int mode(String path) throws IOException {
    return (int) Files.getAttribute(layer.resolve(path), "unix:mode") & 07777;
  }
}
