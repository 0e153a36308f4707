package io.coxswain.node.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.coxswain.node.filesystem.FileTree;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What no tool writes: headers made by hand. The members that tools can be made to write are in
/// [LayerUnpackerTest]. Needs root.
class ArchiveAttacksTest {

  private static final LayerUnpacker.Limits LIMITS = new LayerUnpacker.Limits(8 << 20, 1000);

  @TempDir Path folder;
  private Path layer;

  @BeforeEach
  void prepare() throws IOException {
    layer = Files.createDirectory(folder.resolve("layer"));
    Files.writeString(folder.resolve("victim"), "untouched");
  }

  @AfterEach
  void nothingOutsideIsTouched() throws IOException {
    assertThat(folder.resolve("victim")).hasContent("untouched");
    try (Stream<Path> all = Files.list(folder)) {
      assertThat(all).hasSize(2);
    }
    FileTree.delete(layer);
  }

  /// @param message of the refusal; empty when the archive is to be unpacked harmlessly
  record Attack(String name, ByteString archive, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  /// Blocks of a tar archive as POSIX.1 has them, whatever they say.
  private static final class Blocks {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Blocks member(char type, byte[] name, String size, byte[] content) {
      byte[] block = new byte[512];
      System.arraycopy(name, 0, block, 0, name.length);
      put(block, 100, "0000644\0");
      put(block, 108, "0000000\0");
      put(block, 116, "0000000\0");
      put(block, 124, size);
      put(block, 136, "00000000000\0");
      put(block, 148, "        ");
      block[156] = (byte) type;
      put(block, 257, "ustar\00000");
      int sum = 0;
      for (byte b : block) {
        sum += b & 0xff;
      }
      put(block, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
      out.writeBytes(block);
      out.writeBytes(content);
      out.writeBytes(new byte[(512 - content.length % 512) % 512]);
      return this;
    }

    Blocks member(char type, String name, byte[] content) {
      String size = String.format(Locale.ROOT, "%011o\0", content.length);
      return member(type, name.getBytes(UTF_8), size, content);
    }

    Blocks file(String name) {
      return member('0', name, "x".getBytes(UTF_8));
    }

    /// An extended header of one record.
    Blocks pax(char type, String key, String value) {
      int rest = key.length() + value.getBytes(UTF_8).length + 3;
      int length = rest + String.valueOf(rest).length();
      if (String.valueOf(length).length() != String.valueOf(rest).length()) {
        length++;
      }
      return member(type, "pax", (length + " " + key + "=" + value + "\n").getBytes(UTF_8));
    }

    ByteString end() {
      out.writeBytes(new byte[1024]);
      return ByteString.copyFrom(out.toByteArray());
    }

    private static void put(byte[] block, int at, String text) {
      byte[] bytes = text.getBytes(ISO_8859_1);
      System.arraycopy(bytes, 0, block, at, bytes.length);
    }
  }

  private static ByteString headers(char type) {
    Blocks blocks = new Blocks();
    for (int i = 0; i < 40; i++) {
      blocks.pax(type, "SCHILY.xattr.user.k" + i, "x".repeat(100_000));
    }
    return blocks.file("f").end();
  }

  static Stream<Attack> attacks() {
    return Stream.of(
        new Attack("extended headers without end", headers('x'), "extended headers of"),
        new Attack("headers for all members without end", headers('g'), "extended headers of"),
        new Attack(
            "a header that says it is large",
            new Blocks().member('x', "p".getBytes(UTF_8), "77777777777\0", new byte[0]).end(),
            "extended headers of"),
        new Attack(
            "a name that is larger than any",
            new Blocks().pax('x', "path", "d/".repeat(100_000)).file("f").end(),
            "cannot be"),
        new Attack(
            "a name put in the place of another leads out",
            new Blocks().pax('x', "path", "../victim").file("f").end(),
            "leads out"),
        new Attack(
            "a target put in the place of another leads out",
            new Blocks().pax('x', "linkpath", "../victim").member('1', "h", new byte[0]).end(),
            "leads out"),
        new Attack(
            "a name for all members leads out",
            new Blocks().pax('g', "path", "../victim").file("f").end(),
            "leads out"),
        new Attack(
            "a sparse file's name leads out",
            new Blocks()
                .pax('x', "GNU.sparse.map", "0,1")
                .pax('x', "GNU.sparse.size", "1")
                .pax('x', "GNU.sparse.name", "../victim")
                .file("f")
                .end(),
            "leads out"),
        new Attack(
            "a sparse file larger than the disk",
            new Blocks()
                .pax('x', "GNU.sparse.map", "0,1")
                .pax('x', "GNU.sparse.size", "1000000000000000")
                .file("f")
                .end(),
            "unpacks to more than"),
        new Attack(
            "parts of a sparse file overlap",
            new Blocks()
                .pax('x', "GNU.sparse.map", "0,100,50,100")
                .pax('x', "GNU.sparse.size", "200")
                .file("f")
                .end(),
            "overlap"),
        new Attack(
            "a part of a sparse file begins before it",
            new Blocks()
                .pax('x', "GNU.sparse.map", "-512,1")
                .pax('x', "GNU.sparse.size", "1")
                .file("f")
                .end(),
            "out of range"),
        new Attack(
            "a size that is no size of anything",
            new Blocks().pax('x', "size", "1000000000000000").file("f").end(),
            "unpacks to more than"),
        new Attack(
            "a size below nothing",
            new Blocks().pax('x', "size", "-1").file("f").end(),
            "out of range"),
        new Attack(
            "a name that is no text",
            new Blocks()
                .member(
                    '0',
                    new byte[] {(byte) 0xff, '.', '.', (byte) 0xfe},
                    "00000000000\0",
                    new byte[0])
                .end(),
            ""),
        new Attack(
            "a name with an end in its middle",
            new Blocks().pax('x', "path", "f\0/../../victim").file("f").end(),
            ""),
        new Attack(
            "one name for a file, a link, a folder and a file",
            new Blocks()
                .file("n")
                .pax('x', "linkpath", "../victim")
                .member('2', "n", new byte[0])
                .member('5', "n", new byte[0])
                .file("n/inner")
                .pax('x', "linkpath", "../victim")
                .member('2', "n", new byte[0])
                .file("n")
                .end(),
            ""));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void isRefusedOrStaysInside(Attack attack) throws IOException {
    ByteArrayInputStream archive = new ByteArrayInputStream(attack.archive().toByteArray());
    if (attack.message().isEmpty()) {
      var _ = LayerUnpacker.unpack(archive, layer, LIMITS);
    } else {
      assertThatThrownBy(() -> LayerUnpacker.unpack(archive, layer, LIMITS))
          .isInstanceOf(MalformedLayerException.class)
          .hasMessageContaining(attack.message());
    }
  }

  @Test
  void namesOfAnArchivesFilesAreBounded() throws IOException {
    Blocks blocks = new Blocks();
    for (int i = 0; i < 30; i++) {
      blocks.pax('x', "path", i + "/".repeat(900_000)).file("f");
    }
    Path scratch = Files.createDirectory(layer.resolve("scratch"));
    assertThatThrownBy(() ->
            ImageArchive.unpack(
                new ByteArrayInputStream(blocks.end().toByteArray()), scratch, 1 << 20))
        .isInstanceOf(MalformedLayerException.class)
        .hasMessageContaining("names of the archive's files");
    assertThat(scratch).doesNotExist();
  }

  /// CVE-2021-41190: what one tool reads as an index is an image for another.
  @Test
  void anIndexThatIsAnImageIsNeither() {
    byte[] both = "{\"manifests\":[],\"config\":{},\"layers\":[]}".getBytes(UTF_8);
    assertThatThrownBy(() -> ImageManifest.isIndex(both))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("an index and an image at once");
  }

  /// An index that names itself, or another index, is followed once.
  @Test
  void anIndexOfIndexesIsNoImage() {
    byte[] index = "{\"manifests\":[]}".getBytes(UTF_8);
    assertThatThrownBy(() -> ImageManifest.read(index))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("no container image");
  }
}
