package io.coxswain.node.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TarWriterTest {

  private static final String LONG = "a/".repeat(200) + "name";

  private static TarEntry entry(String path, long owner, long size, Instant time, String link) {
    char type = link.isEmpty() ? TarEntry.FILE : TarEntry.SYMBOLIC_LINK;
    return new TarEntry(path, type, 04755, owner, owner, size, time, link, Map.of(), List.of());
  }

  static Stream<TarEntry> members() {
    Instant time = Instant.ofEpochSecond(1_700_000_000);
    return Stream.of(
        entry("short", 0, 0, time, ""),
        entry("x".repeat(100), 0, 0, time, ""),
        entry("x".repeat(101), 0, 0, time, ""),
        entry(LONG, 0, 0, time, ""),
        entry("übergröße", 0, 0, time, ""),
        entry("link", 0, 0, time, LONG),
        entry("link", 0, 0, time, "größe"),
        entry("owner", 07777777, 0, time, ""),
        entry("owner", 010000000, 0, time, ""),
        entry("owner", 0xfffffffeL, 0, time, ""),
        entry("size", 0, 077777777777L, time, ""),
        entry("size", 0, 0100000000000L, time, ""),
        entry("time", 0, 0, time.plusNanos(1), ""),
        entry("time", 0, 0, time.plusNanos(120_000_000), ""),
        entry("time", 0, 0, Instant.ofEpochSecond(-1, 500_000_000), ""),
        entry("time", 0, 0, Instant.ofEpochSecond(-3), ""),
        entry("time", 0, 0, Instant.EPOCH, ""));
  }

  private static byte[] begun(TarEntry entry) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new TarWriter(bytes).begin(entry);
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @MethodSource("members")
  void whatIsWrittenIsRead(TarEntry entry) throws IOException {
    assertThat(new TarReader(new ByteArrayInputStream(begun(entry))).next()).isEqualTo(entry);
  }

  @Test
  void attributesAreBytes() throws IOException {
    byte[] value = {1, 0, (byte) 0xff, '\n', '=', (byte) 0xc3};
    TarEntry entry =
        new TarEntry(
            "f", TarEntry.FILE, 0, 0, 0, 0, Instant.EPOCH, "", Map.of("user.x", value), List.of());
    TarEntry read =
        Objects.requireNonNull(new TarReader(new ByteArrayInputStream(begun(entry))).next());
    assertThat(read.attributes()).containsOnlyKeys("user.x");
    assertThat(read.attributes().getOrDefault("user.x", new byte[0])).isEqualTo(value);
  }

  @Test
  void aFileIsAsLargeAsItsHeaderSays() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TarWriter tar = new TarWriter(bytes);
    tar.begin(entry("f", 0, 3, Instant.EPOCH, ""));
    assertThatThrownBy(() -> tar.write("four".getBytes(UTF_8), 0, 4))
        .hasMessageContaining("larger");
    tar.write("four".getBytes(UTF_8), 0, 2);
    assertThatThrownBy(tar::end).hasMessageContaining("smaller");
  }

  @Test
  void aMembersContentIsAStreamOfItsOwn() throws IOException {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    ByteArrayOutputStream streamed = new ByteArrayOutputStream();
    TarWriter tar = new TarWriter(written);
    tar.add(entry("f", 0, 5, Instant.EPOCH, ""), "bytes".getBytes(UTF_8));
    TarWriter other = new TarWriter(streamed);
    other.begin(entry("f", 0, 5, Instant.EPOCH, ""));
    try (OutputStream content = other.content()) {
      content.write("byte".getBytes(UTF_8));
      content.write('s');
      assertThatThrownBy(() -> content.write('!')).hasMessageContaining("larger");
    }
    other.end();
    assertThat(streamed.toByteArray()).isEqualTo(written.toByteArray());
  }
}
