package io.coxswain.node.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

  @Test
  void namespacesBelongToUsersThatAreNobodyOnTheNode() throws Exception {
    Path pins = folder.resolve("ns");
    namespaces.createWithUsers(pins, EnumSet.allOf(Namespaces.Kind.class), "web-0", 655_360);
    assertThat(namespaces.isPinned(pins.resolve("user"))).isTrue();
    Object before = Files.getAttribute(pins.resolve("net"), "unix:ino");

    namespaces.createWithUsers(pins, EnumSet.allOf(Namespaces.Kind.class), "web-0", 655_360);

    assertThat(Files.getAttribute(pins.resolve("net"), "unix:ino")).isEqualTo(before);
    Processes.Outcome inside =
        new HostProcesses()
            .run(
                Processes.Command.of(
                    "nsenter",
                    "--user=" + pins.resolve("user"),
                    "--uts=" + pins.resolve("uts"),
                    "--net=" + pins.resolve("net"),
                    "sh",
                    "-c",
                    "cat /proc/self/uid_map /proc/self/gid_map; hostname; ip link set lo up && echo up"));
    assertThat(inside.out().replaceAll(" +", " "))
        .isEqualTo(" 0 655360 65536\n 0 655360 65536\nweb-0\nup\n");
    namespaces.remove(pins);
    assertThat(mounts.isMounted(pins.resolve("user"))).isFalse();
    assertThat(pins).doesNotExist();
  }

  @Test
  void whatWasLeftHalfMadeIsMadeAnew() throws Exception {
    Path pins = folder.resolve("ns");
    namespaces.create(pins, EnumSet.of(Namespaces.Kind.NETWORK), "web-0");
    Object before = Files.getAttribute(pins.resolve("net"), "unix:ino");
    namespaces.createWithUsers(pins, EnumSet.of(Namespaces.Kind.NETWORK), "web-0", 655_360);
    assertThat(Files.getAttribute(pins.resolve("net"), "unix:ino")).isNotEqualTo(before);
  }

  @Test
  void filesOfAMountBelongToWhomTheNamespaceSays() throws Exception {
    Path pins = folder.resolve("ns");
    namespaces.createWithUsers(pins, EnumSet.of(Namespaces.Kind.IPC), "web-0", 655_360);
    UserRange users = new UserRange(pins.resolve("user"), 655_360);
    Path source = Files.createDirectory(folder.resolve("source"));
    Files.writeString(source.resolve("file"), "x");
    Files.setAttribute(source.resolve("file"), "unix:uid", 7);
    Path target = Files.createDirectory(folder.resolve("target"));

    mounts.bindMapped(source, target, false, true, users);

    assertThat(Files.getAttribute(target, "unix:uid")).isEqualTo(655_360);
    assertThat(Files.getAttribute(target.resolve("file"), "unix:uid")).isEqualTo(655_367);
    assertThatThrownBy(() -> Files.delete(target.resolve("file")))
        .hasMessageContaining("Read-only file system");
    assertThatThrownBy(() -> mounts.bindMapped(Path.of("/proc"), target, false, false, users))
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
  }
}
