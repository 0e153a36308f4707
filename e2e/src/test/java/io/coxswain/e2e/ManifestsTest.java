package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Pods that the node runs by itself, as people see them through a real API server.
@ExtendWith({OneNode.class, FailureLogs.class})
final class ManifestsTest {

  private static final Duration SOON = Duration.ofSeconds(40);

  private static TestCluster cluster;
  private static String pod;

  @BeforeAll
  static void start(TestCluster shared) {
    cluster = shared;
    String node = cluster.kubectl("get", "nodes", "-o", "name").succeeded().out().strip();
    pod = "own-" + node.substring(node.indexOf('/') + 1);
  }

  private static Path manifest() {
    return cluster.data().resolve("manifests/own.yaml");
  }

  private static void write(String words) throws Exception {
    Files.writeString(
        manifest(),
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: own, labels: {app: own}}
        spec:
          terminationGracePeriodSeconds: 1
          containers:
          - {name: main, image: "host:///", command: [sh, -c, "echo %s; exec sleep 1000"]}
        """
            .formatted(words));
  }

  private static String said() {
    return cluster.kubectl("logs", pod).out();
  }

  private static void awaitSaid(String words) {
    await().atMost(SOON).untilAsserted(() -> assertThat(said()).isEqualTo(words + "\n"));
    cluster.kubectl("wait", "pod/" + pod, "--for=condition=Ready", "--timeout=40s").succeeded();
  }

  @AfterEach
  void takeAway() throws Exception {
    Files.deleteIfExists(manifest());
    await().atMost(SOON).until(() -> cluster.field("pod", pod, ".metadata.uid").isEmpty());
  }

  @Test
  void aFileIsAPodForAsLongAsItIsThere() throws Exception {
    write("first");
    awaitSaid("first");
    assertThat(cluster.field("pod", pod, ".metadata.ownerReferences[0].kind")).isEqualTo("Node");
    assertThat(cluster.kubectl("exec", pod, "--", "echo", "in").succeeded().out())
        .isEqualTo("in\n");
    String container = cluster.field("pod", pod, ".status.containerStatuses[0].containerID");
    String mirror = cluster.field("pod", pod, ".metadata.uid");

    cluster.kubectl("delete", "pod", pod, "--wait=false").succeeded();
    await()
        .atMost(SOON)
        .until(() -> {
          String now = cluster.field("pod", pod, ".metadata.uid");
          return !now.isEmpty() && !now.equals(mirror);
        });
    awaitSaid("first");
    assertThat(cluster.field("pod", pod, ".status.containerStatuses[0].containerID"))
        .isEqualTo(container);

    write("second");
    awaitSaid("second");
    ProcessHandle.of(cluster.pid("all-in-one")).ifPresent(ProcessHandle::destroyForcibly);
    awaitSaid("second");
    assertThat(cluster.field("pod", pod, ".status.containerStatuses[0].restartCount"))
        .isEqualTo("0");
  }
}
