package io.coxswain.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PodFoldersTest {

  @TempDir Path folder;

  private PodFolders folders() {
    return new PodFolders(folder.resolve("data"), folder.resolve("run"), folder.resolve("logs"));
  }

  private void log(String name, int bytes) throws IOException {
    Path file = folder.resolve("logs/default_web_1/main").resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[bytes]);
  }

  @Test
  void withoutPodsThereIsNoLog() throws IOException {
    assertThat(folders().hasLogOf(0)).isFalse();
  }

  @Test
  void aLogThatHasGrownIsSeen() throws IOException {
    log("0.log", 99);
    assertThat(folders().hasLogOf(100)).isFalse();

    log("1.log", 100);
    assertThat(folders().hasLogOf(100)).isTrue();
  }

  @Test
  void whatWasRenamedDoesNotCount() throws IOException {
    log("0.log", 1);
    log("0.log.20261123-200000.000", 100);
    assertThat(folders().hasLogOf(100)).isFalse();
  }
}
