package io.coxswain.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DeleteAllTest {

  @TempDir Path root;

  @Test
  void whatAnotherWritesMeanwhileGoesToo() throws Exception {
    for (int round = 0; round < 200; round++) {
      Path folder = root.resolve("c" + round);
      Path inner = Files.createDirectories(folder.resolve("containers").resolve("a"));
      Files.writeString(inner.resolve("record.json"), "{}");
      Thread monitor =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  DiskState.replace(inner.resolve("record.json"), new byte[] {1});
                  Files.writeString(inner.resolve("exit"), "0");
                } catch (NoSuchFileException e) {
                  // deleted before it was written
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      DiskState.deleteAll(folder);
      monitor.join();
      assertThat(folder).doesNotExist();
    }
  }

  @Test
  void aLinkIsDeletedAndNotWhatItLeadsTo() throws Exception {
    Path kept = Files.writeString(root.resolve("kept"), "");
    Path folder = Files.createDirectory(root.resolve("folder"));
    Files.createSymbolicLink(folder.resolve("link"), kept);
    DiskState.deleteAll(folder);
    assertThat(folder).doesNotExist();
    assertThat(kept).exists();
  }
}
