package io.coxswain.kubectl.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against the `tar` of this machine, in both directions.
class PackingTest {

  private static final String LONG = "n".repeat(90) + "/" + "m".repeat(200) + "-ü";

  @TempDir Path folder;

  private Path source() throws Exception {
    Path source = folder.resolve("source");
    Files.createDirectories(source.resolve("empty"));
    Path file = source.resolve(LONG);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "long");
    Files.writeString(source.resolve("script"), "x".repeat(1025));
    Files.setPosixFilePermissions(
        source.resolve("script"), PosixFilePermissions.fromString("rwxr-x---"));
    Files.createSymbolicLink(source.resolve("link"), Path.of("script"));
    return source;
  }

  private static void tar(byte[] input, String... words) throws Exception {
    Process tar = new ProcessBuilder(words).redirectErrorStream(true).start();
    tar.getOutputStream().write(input);
    tar.getOutputStream().close();
    String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(tar.waitFor()).as(said).isZero();
  }

  @Test
  void tarReadsWhatIsWritten() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarWriter writer = new TarWriter(bytes)) {
      new Packing(writer).add(source(), "copy");
    }
    tar(bytes.toByteArray(), "tar", "-xf", "-", "-C", folder.toString());

    Path copy = folder.resolve("copy");
    assertThat(copy.resolve(LONG)).hasContent("long");
    assertThat(copy.resolve("script")).hasContent("x".repeat(1025)).isExecutable();
    assertThat(Files.readSymbolicLink(copy.resolve("link"))).hasToString("script");
    assertThat(copy.resolve("empty")).isEmptyDirectory();
  }

  @Test
  void whatTarWritesIsRead() throws Exception {
    source();
    for (String format : List.of("gnu", "pax")) {
      Path file = folder.resolve(format + ".tar");
      tar(
          new byte[0],
          "tar",
          "--format=" + format,
          "-cf",
          file.toString(),
          "-C",
          folder.toString(),
          "source");
      TarReader reader = new TarReader(new ByteArrayInputStream(Files.readAllBytes(file)));
      List<String> found = new ArrayList<>();
      for (Optional<TarEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
        found.add(next.get().type() + " " + next.get().name());
      }
      assertThat(found)
          .contains(
              "FILE source/" + LONG,
              "FOLDER source/empty/",
              "SYMBOLIC_LINK source/link",
              "FILE source/script");
    }
  }
}
