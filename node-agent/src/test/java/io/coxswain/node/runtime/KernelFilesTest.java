package io.coxswain.node.runtime;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelFilesTest {

  private static final String OWN =
      "80 79 0:60 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw";

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a cover that is read-only, 90 80 0:60 /sys /proc/sys ro - proc proc rw, ''",
    "a device over a file, 90 80 0:5 /null /proc/kcore rw - devtmpfs dev rw, ''",
    "nothing over a folder, 90 80 0:70 / /proc/acpi ro - tmpfs tmpfs ro, ''",
    "the host's own as a volume, 90 80 0:4 /sys /host rw - proc proc rw, ''",
    "the host's that the pod sees as its own, 90 80 0:60 /sys /volume rw - proc proc rw, ''",
    "another file for a device, 90 80 0:60 /sysrq-trigger /proc/kcore rw - proc proc rw, /proc/kcore",
    "the file for a device of itself, 90 80 0:60 /kcore /proc/kcore rw - proc proc rw, /proc/kcore",
    "a terminal that is none, 90 80 0:60 /sys/kernel/core_pattern /dev/console rw - proc proc rw, /dev/console",
    "a cover that can be written, 90 80 0:60 /sys /proc/sys rw - proc proc rw, /proc/sys"
  })
  void isCoveredOrRefused(String what, String line, String refused) {
    List<String> lines = List.of(OWN, line);
    if (refused.isEmpty()) {
      assertThatCode(() -> KernelFiles.mounts(lines, Set.of("/volume"))).doesNotThrowAnyException();
    } else {
      assertThatThrownBy(() -> KernelFiles.mounts(lines, Set.of("/volume")))
          .hasMessageContaining("would lie at " + refused + " in the container");
    }
  }
}
