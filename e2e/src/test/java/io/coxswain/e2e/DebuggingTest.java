package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Somebody looks for a fault: into a running container, into a copy of its pod, on the node, and
/// over the whole cluster.
@ExtendWith({OneNode.class, FailureLogs.class})
final class DebuggingTest {

  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: sick, labels: {app: sick}}
      spec:
        terminationGracePeriodSeconds: 1
        containers:
        - {name: main, image: "host:///", command: [sh, -c, "echo I am ill; exec sleep 12345"]}
      """;

  private static TestCluster cluster;

  @BeforeAll
  static void start(TestCluster shared) {
    cluster = shared;
    cluster.apply(POD).succeeded();
    cluster.kubectl("wait", "pod/sick", "--for=condition=Ready", "--timeout=60s").succeeded();
  }

  @Test
  void aContainerJoinsThePodAndSeesTheOthersProcesses() {
    cluster
        .kubectl(
            "debug",
            "sick",
            "--image=host:///",
            "--target=main",
            "--container=doctor",
            "--profile=general",
            "--",
            "sh",
            "-c",
            "tr '\\0' ' ' < /proc/1/cmdline")
        .succeeded();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(
                    cluster.field(
                        "pod",
                        "sick",
                        ".status.ephemeralContainerStatuses[0].state.terminated.exitCode"))
                .isEqualTo("0"));
    assertThat(cluster.field("pod", "sick", ".status.containerStatuses[*].name")).isEqualTo("main");
    assertThat(cluster.field("pod", "sick", ".status.phase")).isEqualTo("Running");
    assertThat(cluster.kubectl("logs", "sick", "-c", "doctor").succeeded().out())
        .contains("sleep 12345");
  }

  @Test
  void aContainerWhoseTargetIsNotThereIsRefused() {
    Command.Result refused =
        cluster.kubectl("debug", "sick", "--image=host:///", "--target=none", "--profile=general");
    assertThat(refused.code()).isNotZero();
    assertThat(refused.err())
        .contains("spec.ephemeralContainers", "targetContainerName: Not found: \"none\"");
  }

  @Test
  void aCopyOfAPodRunsAnotherProgram() {
    cluster
        .kubectl(
            "debug",
            "sick",
            "--copy-to=copy",
            "--container=main",
            "--profile=general",
            "--share-processes=false",
            "--",
            "sh",
            "-c",
            "echo I am the copy; exec sleep 54321")
        .succeeded();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(cluster.kubectl("logs", "copy").out()).isEqualTo("I am the copy\n"));
    assertThat(cluster.field("pod", "copy", ".metadata.labels.app")).isEmpty();
    cluster.kubectl("delete", "pod", "copy", "--now").succeeded();
  }

  @Test
  void aNodeIsLookedIntoByAPodWithItsFiles() {
    String node = cluster.kubectl("get", "nodes", "-o", "name").succeeded().out().strip();
    String seen =
        cluster
            .kubectl(
                "debug",
                node,
                "--image=host:///",
                "--profile=general",
                "--attach",
                "--",
                "sh",
                "-c",
                "ls -d /host/etc")
            .succeeded()
            .out();
    assertThat(seen).contains("/host/etc");
  }

  @Test
  void everythingIsWrittenDown(@TempDir Path folder) throws Exception {
    cluster.kubectl("cluster-info", "dump", "--output-directory=" + folder).succeeded();
    assertThat(Files.readString(folder.resolve("default/sick/logs.txt"))).contains("I am ill");
    assertThat(Files.readString(folder.resolve("nodes.json"))).contains("\"kind\": \"NodeList\"");
    assertThat(Files.readString(folder.resolve("default/events.json")))
        .contains("Started container");
    assertThat(folder.resolve("kube-system/pods.json")).isNotEmptyFile();

    assertThat(cluster.kubectl("cluster-info", "dump", "-o", "yaml").succeeded().out())
        .contains("==== START logs for container main of pod default/sick ====", "kind: Node");
  }
}
