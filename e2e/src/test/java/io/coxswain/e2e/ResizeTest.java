package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Running pods get other resources: the process inside goes on under other limits, what has no
/// room waits for it, and a killed agent loses nothing of it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(FailureLogs.class)
final class ResizeTest {

  private static final Duration SOON = Duration.ofSeconds(40);

  private final TestCluster cluster = TestCluster.prepared();

  @BeforeAll
  void up() {
    cluster.coxswain("up", "--nodes", "2").succeeded();
  }

  @AfterAll
  void down() {
    cluster.close();
  }

  /// On the first node, with a limit that is its request.
  private void pod(String name, String cpu) {
    cluster
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s}
            spec:
              nodeName: node-1
              terminationGracePeriodSeconds: 1
              containers:
                - name: main
                  image: host:///
                  command: [sh, -c, 'exec sleep 1000']
                  resources: {requests: {cpu: %s}, limits: {cpu: %s}}
            """
                .formatted(name, cpu, cpu))
        .succeeded();
    cluster.kubectl("wait", "--for=condition=Ready", "pod/" + name, "--timeout=40s").succeeded();
  }

  private Command.Result resize(String name, String cpu) {
    return cluster.kubectl(
        "patch",
        "pod",
        name,
        "--subresource",
        "resize",
        "-p",
        "{\"spec\":{\"containers\":[{\"name\":\"main\",\"resources\":{\"requests\":{\"cpu\":\"%s\"},\"limits\":{\"cpu\":\"%s\"}}}]}}"
            .formatted(cpu, cpu));
  }

  /// Thousandths of a cpu that the kernel lets the container's processes have.
  private String allowed(String name) {
    String said =
        cluster
            .kubectl(
                "exec",
                name,
                "--",
                "sh",
                "-c",
                "cut -d' ' -f1 /sys/fs/cgroup/cpu.max 2>/dev/null || cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us")
            .out()
            .strip();
    return said.matches("[0-9]+") ? Long.parseLong(said) / 100 + "m" : said;
  }

  private void awaitAllowed(String name, String cpu) {
    await().atMost(SOON).untilAsserted(() -> assertThat(allowed(name)).isEqualTo(cpu));
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    cluster.field("pod", name, ".status.containerStatuses[0].resources.limits.cpu"))
                .isEqualTo(cpu));
    assertThat(cluster.field("pod", name, ".status.containerStatuses[0].restartCount"))
        .isEqualTo("0");
    assertThat(cluster.field("pod", name, ".status.conditions[*].type"))
        .doesNotContain("PodResize");
  }

  private String pending(String name) {
    return cluster.field("pod", name, ".status.conditions[?(@.type==\"PodResizePending\")].reason");
  }

  @Test
  void aRunningProcessMayDoMoreAndLess() {
    pod("web", "100m");
    assertThat(allowed("web")).isEqualTo("100m");
    resize("web", "250m").succeeded();
    awaitAllowed("web", "250m");
    resize("web", "50m").succeeded();
    awaitAllowed("web", "50m");
    assertThat(cluster.kubectl("get", "events").out()).contains("ResizeStarted", "ResizeCompleted");
    cluster.kubectl("delete", "pod", "web").succeeded();
  }

  @Test
  void whatHasNoRoomWaitsForItAndWhatNeverHasIsRefused() {
    String has = cluster.field("node", "node-1", ".status.allocatable.cpu");
    long milli =
        has.endsWith("m")
            ? Long.parseLong(has.substring(0, has.length() - 1))
            : Long.parseLong(has) * 1000;
    String large = milli * 6 / 10 + "m";
    pod("large", large);
    pod("small", "100m");
    resize("small", large).succeeded();
    await().atMost(SOON).untilAsserted(() -> assertThat(pending("small")).isEqualTo("Deferred"));
    assertThat(allowed("small")).isEqualTo("100m");
    resize("large", "100m").succeeded();
    awaitAllowed("small", large);
    Command.Result refused = resize("small", milli * 2 + "m");
    assertThat(refused.code()).isNotZero();
    assertThat(refused.err()).contains("node didn't have enough allocatable resources: cpu");
    cluster.kubectl("delete", "pod", "large", "small").succeeded();
  }

  @Test
  void aKilledAgentGoesOnWhereItWas() {
    pod("kept", "100m");
    String container = cluster.field("pod", "kept", ".status.containerStatuses[0].containerID");
    for (String cpu : new String[] {"150m", "50m", "200m"}) {
      resize("kept", cpu).succeeded();
      ProcessHandle.of(cluster.pid("node-1")).ifPresent(ProcessHandle::destroyForcibly);
      awaitAllowed("kept", cpu);
    }
    assertThat(cluster.field("pod", "kept", ".status.containerStatuses[0].containerID"))
        .isEqualTo(container);
    cluster.kubectl("delete", "pod", "kept").succeeded();
  }
}
