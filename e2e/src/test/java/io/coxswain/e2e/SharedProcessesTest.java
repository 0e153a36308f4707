package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.function.Consumer;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A pod whose containers share one pid namespace: who sees whom, and what happens when one of its
/// processes, the first of all or the agent ends.
@ExtendWith({OneNode.class, FailureLogs.class})
final class SharedProcessesTest {

  private static final Duration SOON = Duration.ofSeconds(40);

  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: shared}
      spec:
        shareProcessNamespace: true
        terminationGracePeriodSeconds: 5
        initContainers:
        - {name: before, image: "host:///", command: [sh, -c, "echo once >> /dev/shm/inits"]}
        containers:
        - {name: a, image: "host:///", command: [sh, -c, "exec sleep 11111"]}
        - {name: b, image: "host:///", command: [sh, -c, "exec sleep 22222"]}
      """;

  private static TestCluster cluster;

  @BeforeAll
  static void start(TestCluster shared) {
    cluster = shared;
  }

  private static void run() {
    cluster.apply(POD).succeeded();
    cluster.kubectl("wait", "pod/shared", "--for=condition=Ready", "--timeout=60s").succeeded();
  }

  @AfterEach
  void takeAway() {
    cluster.kubectl("delete", "pod", "--all", "--now").succeeded();
  }

  private static String processes(String pod, String container) {
    return cluster
        .kubectl(
            "exec",
            pod,
            "-c",
            container,
            "--",
            "sh",
            "-c",
            "for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo; done 2>/dev/null; true")
        .out();
  }

  private static void awaitProcesses(
      String pod, String container, Consumer<AbstractStringAssert<?>> check) {
    await().atMost(SOON).untilAsserted(() -> check.accept(assertThat(processes(pod, container))));
  }

  private static String restarts(String container) {
    return cluster.field(
        "pod",
        "shared",
        ".status.containerStatuses[?(@.name==\"%s\")].restartCount".formatted(container));
  }

  @Test
  void whoIsAddedSeesAllAndOneThatStartsAgainLeavesTheOthersAlone() {
    run();
    awaitProcesses("shared", "a", all -> all.contains("catatonit", "sleep 11111", "sleep 22222"));
    cluster
        .kubectl(
            "exec",
            "shared",
            "-c",
            "a",
            "--",
            "sh",
            "-c",
            "kill $(pidof sleep | tr ' ' '\\n' | while read p; do grep -qa 22222 /proc/$p/cmdline && echo $p; done)")
        .succeeded();
    await().atMost(SOON).untilAsserted(() -> assertThat(restarts("b")).isEqualTo("1"));
    awaitProcesses("shared", "a", all -> all.contains("sleep 11111", "sleep 22222"));
    assertThat(restarts("a")).isEqualTo("0");
    cluster
        .kubectl(
            "debug",
            "shared",
            "--image=host:///",
            "--target=a",
            "--container=doctor",
            "--profile=general",
            "--",
            "sh",
            "-c",
            "exec sleep 33333")
        .succeeded();
    awaitProcesses("shared", "a", all -> all.contains("sleep 33333"));
    awaitProcesses("shared", "b", all -> all.contains("sleep 33333"));
  }

  @Test
  void aPodWhoseFirstProcessEndsIsMadeAnew() {
    run();
    cluster.kubectl("exec", "shared", "-c", "a", "--", "sh", "-c", "true").succeeded();
    long first =
        ProcessHandle.allProcesses()
            .filter(one -> one.info().command().filter("/catatonit"::equals).isPresent())
            .mapToLong(ProcessHandle::pid)
            .findFirst()
            .orElseThrow();
    ProcessHandle.of(first).ifPresent(ProcessHandle::destroyForcibly);
    await().atMost(SOON).untilAsserted(() -> assertThat(restarts("b")).isEqualTo("1"));
    await().atMost(SOON).untilAsserted(() -> assertThat(restarts("a")).isEqualTo("1"));
    cluster.kubectl("wait", "pod/shared", "--for=condition=Ready", "--timeout=60s").succeeded();
    awaitProcesses("shared", "b", all -> all.contains("catatonit", "sleep 11111", "sleep 22222"));
    assertThat(cluster.kubectl("get", "events").out()).contains("SandboxChanged");
    assertThat(cluster.field("pod", "shared", ".status.initContainerStatuses[0].restartCount"))
        .isEqualTo("1");
  }

  @Test
  void aKilledAgentsNextOneGoesOnWithIt() {
    run();
    String before = processes("shared", "a");
    ProcessHandle.of(cluster.pid("all-in-one")).ifPresent(ProcessHandle::destroyForcibly);
    awaitProcesses("shared", "a", all -> all.contains("catatonit", "sleep 11111", "sleep 22222"));
    assertThat(before).contains("sleep 22222");
    assertThat(restarts("a")).isEqualTo("0");
    cluster.kubectl("delete", "pod", "shared").succeeded();
    await()
        .atMost(SOON)
        .until(() ->
            ProcessHandle.allProcesses()
                .noneMatch(one -> one.info().command().filter("/catatonit"::equals).isPresent()));
  }

  @Test
  void aCopyForLookingIntoSharesItsProcesses() {
    run();
    cluster
        .kubectl(
            "debug",
            "shared",
            "--copy-to=copy",
            "--image=host:///",
            "--container=doctor",
            "--share-processes",
            "--profile=general",
            "--",
            "sh",
            "-c",
            "exec sleep 44444")
        .succeeded();
    awaitProcesses("copy", "a", all -> all.contains("catatonit", "sleep 44444", "sleep 11111"));
  }
}
