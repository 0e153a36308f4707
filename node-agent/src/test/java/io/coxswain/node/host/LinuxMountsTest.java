package io.coxswain.node.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Needs root for what is mounted.
final class LinuxMountsTest {

  private static final List<String> TABLE =
      List.of(
          "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
          "30 27 254:0 /data /data rw shared:7 - ext4 /dev/vda rw",
          "31 30 254:0 / /data/own rw master:7 - ext4 /dev/vda rw",
          "32 27 0:30 / /both rw master:3 shared:9 - tmpfs tmpfs rw",
          "33 27 0:31 / /with\\040space rw shared:11 - tmpfs tmpfs rw",
          "34 32 0:32 / /both rw - tmpfs tmpfs rw");

  @TempDir Path folder;

  private final LinuxMounts mounts = new LinuxMounts();

  @AfterEach
  void clean() throws Exception {
    mounts.unmountBelow(folder);
  }

  @ParameterizedTest
  @CsvSource({
    "/, false",
    "/other, false",
    "/data, true",
    "/data/below, true",
    "/database, false",
    "/data/own/below, false",
    "/both, false",
    "/with space/below, true",
  })
  void whatIsMountedBelowSpreadsAsTheInnermostMountSays(Path place, boolean shared) {
    assertThat(LinuxMounts.isShared(TABLE, place)).isEqualTo(shared);
  }

  @Test
  void aFolderIsSharedOnce() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "kept");
    boolean before = mounts.isMounted(folder);
    boolean mounted = mounts.share(folder);
    assertThat(LinuxMounts.isShared(Files.readAllLines(Path.of("/proc/self/mountinfo")), folder))
        .isTrue();
    assertThat(mounts.isMounted(folder)).isEqualTo(before || mounted);
    assertThat(file).hasContent("kept");
    assertThat(mounts.share(folder)).isFalse();
  }
}
