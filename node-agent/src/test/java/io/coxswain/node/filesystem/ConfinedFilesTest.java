package io.coxswain.node.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfinedFilesTest {

  @TempDir Path folder;
  private Path root;

  @BeforeEach
  void make() throws Exception {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    Files.writeString(outside.resolve("0.log"), "secret");
    Files.createDirectories(folder.resolve("real/pod/main"));
    Path real = folder.resolve("real");
    root = Files.createSymbolicLink(folder.resolve("root"), real);
    Files.writeString(root.resolve("pod/main/0.log"), "said");
    Files.createSymbolicLink(root.resolve("pod/main/1.log"), outside.resolve("0.log"));
    Files.createSymbolicLink(root.resolve("pod/main/2.log"), Path.of("0.log"));
    Files.createSymbolicLink(root.resolve("pod/linked"), outside);
    Files.createSymbolicLink(root.resolve("other"), Path.of("/"));
    LinuxFiles.makeNode(
        LinuxFiles.AT_FDCWD, root.resolve("pod/main/3.log").toString(), FileType.FIFO, 0600, 0);
  }

  @Test
  void aFileIsReadAlsoWhereTheFolderItselfIsALink() throws Exception {
    try (SeekableByteChannel file = ConfinedFiles.open(root, root.resolve("pod/main/0.log"))) {
      ByteBuffer read = ByteBuffer.allocate(10);
      assertThat(file.read(read)).isEqualTo(4);
    }
    assertThatThrownBy(() -> ConfinedFiles.open(root, root.resolve("pod/main/9.log")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pod/main/1.log",
        "pod/main/2.log",
        "pod/linked/0.log",
        "other/etc/hostname",
        "../outside/0.log",
        "pod/main/3.log",
        "pod/main"
      })
  void whatLeadsAwayOrIsNoFileIsNotRead(String path) {
    assertThatThrownBy(() -> ConfinedFiles.open(root, root.resolve(path)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("not read, as ");
  }
}
