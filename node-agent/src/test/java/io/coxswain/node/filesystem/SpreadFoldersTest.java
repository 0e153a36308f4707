package io.coxswain.node.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SpreadFoldersTest {

  @TempDir Path folder;

  private static String attributes(Path path) throws Exception {
    Process lsattr = new ProcessBuilder("lsattr", "-d", path.toString()).start();
    String said = new String(lsattr.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(lsattr.waitFor()).isZero();
    return said.substring(0, said.indexOf(' '));
  }

  @Test
  void foldersThatAreMadeInItStandApart() throws Exception {
    assumeTrue(Files.getFileStore(folder).type().equals("ext4"), "other file systems have no T");
    String before = attributes(folder);
    LinuxFiles.spreadFolders(folder);
    LinuxFiles.spreadFolders(folder);

    assertThat(before).doesNotContain("T");
    assertThat(attributes(folder).replace('T', '-')).isEqualTo(before);
    assertThat(attributes(folder)).contains("T");
    assertThat(attributes(Files.createDirectory(folder.resolve("made")))).doesNotContain("T");
  }

  @Test
  void whereThereIsNoSuchFlagNothingChanges() throws Exception {
    LinuxFiles.spreadFolders(Path.of("/proc/self"));
    LinuxFiles.spreadFolders(Path.of("/dev/shm"));
  }
}
