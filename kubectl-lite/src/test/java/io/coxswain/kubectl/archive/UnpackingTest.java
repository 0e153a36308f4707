package io.coxswain.kubectl.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Archives that a container made up to reach what is outside of the target.
class UnpackingTest {

  @TempDir Path folder;
  private final List<String> warnings = new ArrayList<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarWriter archive = new TarWriter(bytes);
  private Path target = Path.of("");

  @BeforeEach
  void target() {
    target = folder.resolve("target");
  }

  private static TarEntry entry(String name, TarEntry.Type type, int size, String link) {
    return new TarEntry(name, type, 0644, size, Instant.EPOCH, link, "root", 0, "root", 0);
  }

  private UnpackingTest file(String name, String content) throws IOException {
    byte[] text = content.getBytes(StandardCharsets.UTF_8);
    archive.add(entry(name, TarEntry.Type.FILE, text.length, ""), new ByteArrayInputStream(text));
    return this;
  }

  private UnpackingTest link(String name, TarEntry.Type type, String to) throws IOException {
    archive.add(entry(name, type, 0, to));
    return this;
  }

  private void unpack(String source) throws IOException {
    archive.close();
    new Unpacking(target, "target", source, warnings::add)
        .unpack(new TarReader(new ByteArrayInputStream(bytes.toByteArray())));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tmp/x/../../../outside",
        "tmp/x/a/../../../outside",
        "tmp/x/../outside",
        "/tmp/x/../../outside",
        "tmp/x\\..\\..\\outside"
      })
  void namesThatLeadOutAreLeftOut(String name) throws IOException {
    file(name, "evil").file("tmp/x/inside", "good").unpack("/tmp/x");

    assertThat(folder.resolve("outside")).doesNotExist();
    assertThat(target.resolve("inside")).hasContent("good");
    assertThat(warnings).singleElement().asString().contains("outside target destination");
  }

  @Test
  void linksAreNeitherMadeNorFollowed() throws IOException {
    link("tmp/x/out", TarEntry.Type.SYMBOLIC_LINK, folder.toString())
        .file("tmp/x/out/escaped", "evil")
        .link("tmp/x/hard", TarEntry.Type.HARD_LINK, "/etc/passwd")
        .unpack("/tmp/x");

    assertThat(folder.resolve("escaped")).doesNotExist();
    assertThat(target.resolve("out")).isDirectory();
    assertThat(target.resolve("hard")).doesNotExist();
    assertThat(warnings)
        .containsExactly(
            "skipping symlink: \"target/out\" -> \"" + folder + "\"",
            "skipping hard link: \"" + target + "/hard\" -> \"/etc/passwd\"");
  }

  @Test
  void linksThatAreThereAlreadyAreNotFollowedEither() throws IOException {
    Files.createDirectories(target);
    Files.createSymbolicLink(target.resolve("folder"), folder);
    Files.createSymbolicLink(target.resolve("file"), folder.resolve("escaped"));
    file("tmp/x/folder/escaped", "evil").file("tmp/x/file", "evil").unpack("/tmp/x");

    assertThat(folder.resolve("escaped")).doesNotExist();
    assertThat(warnings).hasSize(2).allMatch(warning -> warning.endsWith("it is a link here"));
  }

  @Test
  void aSecondNameOfAFileIsACopy() throws IOException {
    file("tmp/x/first", "content")
        .link("tmp/x/second", TarEntry.Type.HARD_LINK, "tmp/x/first")
        .unpack("/tmp/x");

    assertThat(target.resolve("second")).hasContent("content");
    assertThat(warnings).isEmpty();
  }

  @Test
  void aFileOfAnotherPlaceMeansThatTheArchiveWasMadeUp() throws IOException {
    file("tmp/xyz", "evil");

    assertThatThrownBy(() -> unpack("/tmp/x")).hasMessage("tar contents corrupted");
  }

  @Test
  void oneFileIsWrittenAsTheTargetOrIntoIt() throws IOException {
    file("etc/hostname", "name").unpack("/etc/hostname");
    assertThat(target).hasContent("name");

    Files.delete(target);
    Files.createDirectories(target);
    unpack("/etc/hostname");
    assertThat(target.resolve("hostname")).hasContent("name");
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 513, 700, 1100})
  void anArchiveThatIsCutOffIsAnError(int length) throws IOException {
    file("tmp/x/a", "a".repeat(600)).archive.close();
    byte[] half = java.util.Arrays.copyOf(bytes.toByteArray(), length);

    assertThatThrownBy(() ->
            new Unpacking(target, "target", "/tmp/x", warnings::add)
                .unpack(new TarReader(new ByteArrayInputStream(half))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cut off");
  }
}
