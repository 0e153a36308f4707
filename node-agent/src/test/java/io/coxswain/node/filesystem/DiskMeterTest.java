package io.coxswain.node.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against what du(1) and df(1) say.
class DiskMeterTest {

  @TempDir Path folder;

  private static String output(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  private static long number(String... command) throws Exception {
    return Long.parseLong(output(command).strip().split("\\s+", 2)[0]);
  }

  private void assertSameAsDu() throws Exception {
    DiskUse use = DiskMeter.use(folder);
    assertThat(use.bytes()).isEqualTo(number("du", "-s", "--block-size=1", folder.toString()));
    assertThat(use.inodes()).isEqualTo(number("du", "-s", "--inodes", folder.toString()));
  }

  @Test
  void aTreeTakesWhatDuSays() throws Exception {
    for (int i = 0; i < 300; i++) {
      Path inner = Files.createDirectories(folder.resolve("a" + i % 7).resolve("b" + i % 11));
      Files.write(inner.resolve("file" + i), new byte[i * 100]);
    }
    Files.createSymbolicLink(folder.resolve("link"), Path.of("/usr"));
    assertSameAsDu();
  }

  @Test
  void holesCostNothingAndSeveralNamesOnce() throws Exception {
    try (RandomAccessFile sparse = new RandomAccessFile(folder.resolve("sparse").toFile(), "rw")) {
      sparse.setLength(1L << 40);
    }
    Files.write(folder.resolve("one"), new byte[1 << 20]);
    Files.createLink(folder.resolve("two"), folder.resolve("one"));
    assertThat(DiskMeter.use(folder).bytes()).isBetween(1L << 20, 2L << 20);
    assertSameAsDu();
  }

  @Test
  void namesThatAreNoTextCount() throws Exception {
    output(
        "bash",
        "-c",
        "cd '" + folder + "' && mkdir $'x\\xff' && head -c 50000 /dev/zero > $'x\\xff/\\xfe'");
    assertThat(DiskMeter.use(folder).bytes()).isGreaterThan(50_000);
    assertSameAsDu();
  }

  @Test
  void whatIsTooDeepIsLeftOut() throws Exception {
    Path inner = folder;
    for (int i = 0; i < 250; i++) {
      inner = Files.createDirectory(inner.resolve("d"));
    }
    assertThat(DiskMeter.use(folder).inodes()).isEqualTo(201);
  }

  @Test
  void whatIsNotThereTakesNothing() {
    assertThat(DiskMeter.use(folder.resolve("none"))).isEqualTo(DiskUse.NONE);
    assertThatThrownBy(() -> DiskMeter.space(folder.resolve("none")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none");
  }

  @Test
  void theSpaceIsThatOfDf() throws Exception {
    FileSystemSpace space = DiskMeter.space(folder);
    String path = folder.toString();
    assertThat(space.capacityBytes())
        .isEqualTo(df(path, "size"))
        .isEqualTo(Files.getFileStore(folder).getTotalSpace());
    assertThat(space.inodes()).isEqualTo(df(path, "itotal"));
    assertThat(space.availableBytes()).isBetween(1L, space.freeBytes());
    assertThat(space.device()).isEqualTo(DiskMeter.space(folder.resolve("..")).device());
    assertThat(space.device()).isNotEqualTo(DiskMeter.space(Path.of("/proc")).device());
  }

  private static long df(String path, String what) throws Exception {
    return Long.parseLong(
        output("df", "--block-size=1", "--output=" + what, path).strip().split("\\s+", 2)[1]);
  }
}
