package io.coxswain.node.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/// Needs root: makes real namespaces.
@EnabledIf("io.coxswain.node.host.Root#present")
class LinuxNamespacesTest {

  @TempDir Path folder;
  private final Mounts mounts = new LinuxMounts();
  private final Namespaces namespaces = new LinuxNamespaces(mounts);

  @AfterEach
  void clean() throws Exception {
    namespaces.remove(folder.resolve("ns"));
    mounts.unmountBelow(folder);
  }

  @Test
  void aNamespaceLivesAsLongAsItsPin() throws Exception {
    Path pins = folder.resolve("ns");
    namespaces.create(pins, EnumSet.allOf(Namespaces.Kind.class), "web-0");
    assertThat(namespaces.isPinned(pins.resolve("net"))).isTrue();
    assertThat(mounts.isMounted(pins.resolve("uts"))).isTrue();
    Object before = Files.getAttribute(pins.resolve("net"), "unix:ino");

    namespaces.create(pins, EnumSet.allOf(Namespaces.Kind.class), "web-0");

    assertThat(Files.getAttribute(pins.resolve("net"), "unix:ino")).isEqualTo(before);
    String inside =
        namespaces.inNetwork(
            pins.resolve("net"), () -> Files.readString(Path.of("/proc/thread-self/net/dev")));
    String outside = Files.readString(Path.of("/proc/thread-self/net/dev"));
    assertThat(inside).contains("lo:").isNotEqualTo(outside);
    namespaces.remove(pins);
    assertThat(mounts.isMounted(pins.resolve("net"))).isFalse();
    assertThat(pins).doesNotExist();
  }
}
