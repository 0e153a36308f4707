package io.coxswain.node.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// cgroup v2 on a tree of ordinary files: what is written where, and how it is read.
final class UnifiedControlGroupsTest {

  @TempDir Path root;
  private LinuxControlGroups groups;
  private Path pod;

  @BeforeEach
  void find() throws IOException {
    pod = root.resolve("cx/burstable/podu1");
    for (String folder : new String[] {"", "cx", "cx/burstable", "cx/burstable/podu1"}) {
      group(root.resolve(folder));
    }
    FakeMounts mounts = new FakeMounts();
    mounts.mount("cgroup2", root, "cgroup2", Set.of(), "rw,nsdelegate");
    groups = LinuxControlGroups.find(mounts);
  }

  private static void group(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("cgroup.controllers"), "cpu memory pids\n");
    Files.writeString(folder.resolve("cgroup.subtree_control"), "cpu memory\n");
  }

  private String read(String file) throws IOException {
    return Files.readString(pod.resolve(file));
  }

  @Test
  void layoutIsUnified() {
    assertThat(groups.layout()).isEqualTo(ControlGroups.Layout.V2);
  }

  @Test
  void limitsAreWrittenAndControllersAllowedAbove() throws Exception {
    groups.create("/cx/burstable/podu1", new ControlGroups.Limits(1024, 50_000, 64 << 20, 4096));
    assertThat(read("cpu.weight")).isEqualTo("100");
    assertThat(read("cpu.max")).isEqualTo("50000 100000");
    assertThat(read("memory.max")).isEqualTo(Long.toString(64 << 20));
    assertThat(read("pids.max")).isEqualTo("4096");
    for (String above : new String[] {"", "cx", "cx/burstable"}) {
      assertThat(root.resolve(above).resolve("cgroup.subtree_control"))
          .as("what is not allowed yet is, in /%s", above)
          .hasContent("+pids");
    }
    assertThat(pod.resolve("cgroup.subtree_control"))
        .as("a group with processes allows nothing below it")
        .hasContent("cpu memory\n");
  }

  @Test
  void whatHasNoLimitIsNotWritten() throws Exception {
    groups.create("/cx/burstable/podu1", new ControlGroups.Limits(2, -1, -1, -1));
    assertThat(read("cpu.weight")).isEqualTo("1");
    assertThat(pod.resolve("cpu.max")).doesNotExist();
    assertThat(pod.resolve("memory.max")).doesNotExist();
    assertThat(pod.resolve("pids.max")).doesNotExist();
  }

  @Test
  void nothingIsSwappedOutWhereTheKernelCouldSwap() throws Exception {
    Path swap = pod.resolve("memory.swap.max");
    groups.create("/cx/burstable/podu1", ControlGroups.Limits.NONE);
    assertThat(swap).as("a kernel without swap").doesNotExist();
    Files.writeString(swap, "max");
    groups.create("/cx/burstable/podu1", ControlGroups.Limits.NONE);
    assertThat(swap).hasContent("0");
  }

  @Test
  void limitsAreReadAndChangedOneByOne() throws Exception {
    String path = "/cx/burstable/podu1";
    groups.create(path, new ControlGroups.Limits(1024, 50_000, 64 << 20, 4096));
    groups.limit(path, ControlGroups.Limit.MEMORY, 32 << 20);
    groups.limit(path, ControlGroups.Limit.CPU_SHARES, 512);
    assertThat(read("memory.max")).isEqualTo(Long.toString(32 << 20));
    assertThat(read("cpu.weight")).isEqualTo("59");
    assertThat(read("cpu.max")).as("what nobody changes stays").isEqualTo("50000 100000");
    assertThat(groups.limit(path, ControlGroups.Limit.MEMORY)).isEqualTo(32 << 20);
    assertThat(groups.limit(path, ControlGroups.Limit.CPU_QUOTA)).isEqualTo(50_000);
    groups.limit(path, ControlGroups.Limit.CPU_QUOTA, -1);
    groups.limit(path, ControlGroups.Limit.MEMORY, -1);
    assertThat(read("cpu.max")).isEqualTo("max 100000");
    assertThat(read("memory.max")).isEqualTo("max");
    assertThat(groups.limit(path, ControlGroups.Limit.CPU_QUOTA)).isEqualTo(-1);
    assertThat(groups.limit(path, ControlGroups.Limit.MEMORY)).isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1",
    "2, 1",
    "3, 2",
    "20, 6",
    "102, 17",
    "256, 35",
    "1024, 100",
    "2048, 174",
    "10240, 639",
    "262143, 10000",
    "262144, 10000",
    "500000, 10000"
  })
  void sharesAreAWeight(long shares, long weight) {
    assertThat(UnifiedLimits.weight(shares)).isEqualTo(weight);
  }

  @Test
  void aWeightIsReadAsTheSharesThatHaveIt() {
    for (long shares : new long[] {2, 3, 20, 102, 1024, 2048, 262_144}) {
      long weight = UnifiedLimits.weight(shares);
      assertThat(UnifiedLimits.weight(UnifiedLimits.shares(weight))).isEqualTo(weight);
      assertThat(UnifiedLimits.shares(weight)).isLessThanOrEqualTo(shares);
    }
  }

  @Test
  void aMachineWithoutAControllerHasNoSuchLimit() throws Exception {
    Files.writeString(pod.resolve("cgroup.controllers"), "memory\n");
    groups.create("/cx/burstable/podu1", new ControlGroups.Limits(2, 1000, 4096, 10));
    assertThat(pod.resolve("cpu.max")).doesNotExist();
    assertThat(pod.resolve("pids.max")).doesNotExist();
    assertThat(read("memory.max")).isEqualTo("4096");
  }

  @Test
  void useIsRead() throws Exception {
    Files.writeString(pod.resolve("cpu.stat"), "usage_usec 1500\nuser_usec 1000\n");
    Files.writeString(pod.resolve("memory.current"), "1000\n");
    Files.writeString(pod.resolve("memory.stat"), "anon 300\nfile 500\ninactive_file 400\n");
    Files.writeString(pod.resolve("pids.current"), "7\n");
    Files.writeString(pod.resolve("memory.events"), "low 0\noom 2\noom_kill 1\n");
    assertThat(groups.usage("/cx/burstable/podu1"))
        .isEqualTo(new ControlGroups.Usage(1_500_000, 1000, 600, 300, 7));
    assertThat(groups.outOfMemoryKills("/cx/burstable/podu1")).isEqualTo(1);
  }

  @Test
  void aGroupIsKilledAtOnce() throws Exception {
    Files.createFile(pod.resolve("cgroup.kill"));
    groups.kill("/cx/burstable/podu1");
    assertThat(read("cgroup.kill")).isEqualTo("1");
  }
}
