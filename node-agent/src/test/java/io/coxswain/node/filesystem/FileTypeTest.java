package io.coxswain.node.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileTypeTest {

  /// The numbers are those of inode(7), in octal.
  @ParameterizedTest
  @CsvSource({
    "140000, SOCKET",
    "120000, LINK",
    "100000, FILE",
    "060000, BLOCK_DEVICE",
    "040000, FOLDER",
    "020000, CHARACTER_DEVICE",
    "010000, FIFO",
    "000000, UNKNOWN",
    "030000, UNKNOWN",
    "170000, UNKNOWN",
  })
  void theModeTells(String mode, FileType type) {
    int bits = Integer.parseInt(mode, 8);
    assertThat(FileType.of(bits)).isEqualTo(type);
    assertThat(FileType.of(bits | 07777)).isEqualTo(type);
    // as it is read from sixteen bits
    assertThat(FileType.of((short) (bits | 0644))).isEqualTo(type);
  }

  @Test
  void factsAndPathsAgree(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "content");
    Files.createSymbolicLink(folder.resolve("link"), file);
    int opened =
        LinuxFiles.open(LinuxFiles.AT_FDCWD, folder.toString(), LinuxFiles.O_DIRECTORY, 0, 0);
    try {
      LinuxFiles.makeNode(opened, "fifo", FileType.FIFO, 0600, 0);
      for (var name : new String[] {"file", "link", "fifo", "."}) {
        assertThat(LinuxReads.facts(opened, name).type())
            .as(name)
            .isEqualTo(FileType.of(folder.resolve(name), LinkOption.NOFOLLOW_LINKS));
      }
      assertThat(LinuxReads.facts(opened, "link").type()).isEqualTo(FileType.LINK);
      assertThat(LinuxReads.facts(opened, "fifo").type()).isEqualTo(FileType.FIFO);
      assertThat(LinuxReads.facts(opened, "fifo").permissions()).isEqualTo(0600);
    } finally {
      LinuxFiles.close(opened);
    }
  }
}
