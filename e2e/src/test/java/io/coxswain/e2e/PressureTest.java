package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// A node with a small disk: who takes more of it than allowed is ended, and when it is full, the
/// node says so, ends whoever fills it, takes nobody, and is well again.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(FailureLogs.class)
final class PressureTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String NODE = "small";

  private final TestCluster cluster = TestCluster.prepared();
  private final List<Process> parts = new ArrayList<>();

  @BeforeAll
  void start() throws IOException {
    Files.createDirectories(cluster.logs());
    part("server", "server", "--advertise", "127.0.0.1", "--with-scheduler");
    await().atMost(PATIENCE).until(() -> Files.exists(cluster.kubeconfig()));
    // below the cluster's data, so that its end unmounts it
    Path disk = Files.createDirectories(cluster.data().resolve("disk"));
    Command.run(
            PATIENCE,
            Map.of(),
            "",
            List.of("mount", "-t", "tmpfs", "-o", "size=300m", "small", disk.toString()))
        .succeeded();
    part(
        "agent",
        "agent",
        "--server",
        "127.0.0.1:6444",
        "--token-file",
        cluster.data().resolve("pki/join-token").toString(),
        "--node",
        NODE,
        "--address",
        "127.0.0.1",
        "--data",
        disk.toString(),
        "--eviction-hard",
        "nodefs.available<100Mi",
        "--eviction-pressure-transition-period",
        "20s");
    await()
        .atMost(PATIENCE)
        .until(() ->
            cluster.kubectl("wait", "--for=condition=Ready", "node/" + NODE, "--timeout=30s").code()
                == 0);
  }

  @AfterAll
  void end() throws InterruptedException {
    for (Process part : parts.reversed()) {
      part.destroy();
      if (!part.waitFor(Duration.ofSeconds(30))) {
        part.destroyForcibly();
      }
    }
    cluster.close();
  }

  private void part(String name, String... arguments) throws IOException {
    parts.add(cluster.background(cluster.logs().resolve(name + ".log"), "coxswain", arguments));
  }

  /// With an emptyDir at `/data`.
  private void pod(String name, String script, String resources, String emptyDir) {
    cluster
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - name: main
                  image: host:///
                  command: [sh, -c, '%s; exec sleep 1000']
                  resources: {%s}
                  volumeMounts: [{name: data, mountPath: /data}]
              volumes: [{name: data, emptyDir: {%s}}]
            """
                .formatted(name, script, resources, emptyDir))
        .succeeded();
  }

  private static String megabytes(int count, String file) {
    return "head -c %d /dev/zero > %s".formatted(count << 20, file);
  }

  private void awaitEvicted(String pod, String message) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(
                    cluster.field("pod", pod, ".status.phase")
                        + " "
                        + cluster.field("pod", pod, ".status.reason")
                        + " "
                        + cluster.field("pod", pod, ".status.message"))
                .startsWith("Failed Evicted " + message));
    assertThat(cluster.kubectl("get", "events").out()).contains("Evicted", message);
  }

  @Test
  void whoTakesMoreThanItMayIsEvicted() {
    pod("within", megabytes(3, "/data/x"), "limits: {ephemeral-storage: 5Mi}", "sizeLimit: 4Mi");
    pod("volume", megabytes(3, "/data/x"), "", "sizeLimit: 2Mi");
    pod("writes", megabytes(3, "/tmp/x"), "limits: {ephemeral-storage: 2Mi}", "");
    awaitEvicted("volume", "Usage of EmptyDir volume \"data\" exceeds the limit \"2Mi\".");
    awaitEvicted(
        "writes", "Pod ephemeral local storage usage exceeds the total limit of containers 2Mi.");
    cluster.kubectl("wait", "--for=condition=Ready", "pod/within", "--timeout=40s").succeeded();
    cluster.kubectl("delete", "pod", "within", "volume", "writes").succeeded();
  }

  private String condition() {
    return cluster.field("node", NODE, ".status.conditions[?(@.type==\"DiskPressure\")].status");
  }

  @Test
  void aFullDiskIsToldAndEndsWhoFillsIt() {
    assertThat(condition()).isEqualTo("False");
    pod("modest", megabytes(1, "/data/x"), "", "");
    cluster.kubectl("wait", "--for=condition=Ready", "pod/modest", "--timeout=40s").succeeded();
    pod("fills", megabytes(220, "/data/x"), "", "");
    awaitEvicted("fills", "The node was low on resource: ephemeral-storage. Threshold quantity:");
    assertThat(
            cluster.field(
                "pod", "fills", ".status.conditions[?(@.type==\"DisruptionTarget\")].reason"))
        .isEqualTo("TerminationByKubelet");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(cluster.field("node", NODE, ".spec.taints[*].key"))
                .isEqualTo("node.kubernetes.io/disk-pressure"));
    assertThat(condition()).isEqualTo("True");
    pod("late", "true", "", "");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(cluster.kubectl("get", "events").out())
                .contains("untolerated taint {node.kubernetes.io/disk-pressure"));
    // what it held is given back with it, and after a while the node is well
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(condition()).isEqualTo("False"));
    cluster.kubectl("wait", "--for=condition=Ready", "pod/late", "--timeout=40s").succeeded();
    assertThat(cluster.field("pod", "modest", ".status.phase")).isEqualTo("Running");
    cluster.kubectl("delete", "pod", "modest", "fills", "late").succeeded();
  }
}
