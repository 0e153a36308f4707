package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Limits are the kernel's, not a promise: hogs are stopped, and their neighbour does not notice.
@ExtendWith({OneNode.class, FailureLogs.class})
final class LimitsTest {

  private static final Duration SOON = Duration.ofSeconds(40);

  @BeforeAll
  static void neighbour(TestCluster cluster) {
    cluster.kubectl("create", "namespace", "limits").succeeded();
    cluster.apply(pod("neighbour", "while true; do sleep 1; echo tick; done", "")).succeeded();
    cluster
        .kubectl("-n", "limits", "wait", "--for=condition=Ready", "pod/neighbour", "--timeout=40s")
        .succeeded();
  }

  @AfterAll
  static void neighbourDidNotNotice(TestCluster cluster) {
    assertThat(
            cluster
                .kubectl("-n", "limits", "get", "pod", "neighbour", "--no-headers")
                .succeeded()
                .out())
        .contains("Running")
        .containsPattern(" 0 ");
    cluster.kubectl("delete", "namespace", "limits", "--timeout=60s").succeeded();
  }

  private static String pod(String name, String script, String limits) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s, namespace: limits}
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      containers:
        - name: main
          image: host:///
          command: [sh, -c, '%s']
          resources: {limits: {%s}}
    """
        .formatted(name, script, limits);
  }

  private static String state(TestCluster cluster, String pod, String field) {
    return cluster
        .kubectl(
            "-n",
            "limits",
            "get",
            "pod",
            pod,
            "-o",
            "jsonpath={.status.containerStatuses[0]." + field + "}")
        .out();
  }

  @Test
  void aMemoryHogIsKilledAndSaysWhy(TestCluster cluster) {
    cluster
        .apply(pod("hog", "perl -e \"my @a; push @a, chr(65) x 1048576 while 1\"", "memory: 32Mi"))
        .succeeded();
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(state(cluster, "hog", "state.terminated.reason")).isEqualTo("OOMKilled"));
    assertThat(state(cluster, "hog", "state.terminated.exitCode")).isEqualTo("137");
  }

  @Test
  void aCpuHogStaysWithinItsQuota(TestCluster cluster) {
    // times prints the cpu seconds used in five seconds of the clock: 200m allow one of them
    cluster
        .apply(
            pod(
                "busy",
                "perl -e \"\\$end = time + 5; 1 while time < \\$end; print +(times)[0] + (times)[1]\"",
                "cpu: 200m"))
        .succeeded();
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(state(cluster, "busy", "state.terminated.reason")).isEqualTo("Completed"));
    double used =
        Double.parseDouble(cluster.kubectl("-n", "limits", "logs", "busy").succeeded().out());
    assertThat(used).isBetween(0.3, 1.6);
  }

  @Test
  void aForkBombStaysWithinItsPidsLimit(TestCluster cluster) {
    // each child waits; the bomb prints how many it got before the kernel refused
    cluster
        .apply(
            pod(
                "bomb",
                "perl -e \"\\$| = 1; my \\$n = 0; while (\\$n < 100000) { my \\$p = fork; last unless defined \\$p; if (!\\$p) { sleep 20; exit } \\$n++ } print \\$n; kill 9, 0\"",
                ""))
        .succeeded();
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(state(cluster, "bomb", "state.terminated.exitCode")).isNotEmpty());
    // the number, and then what the shell says of the bomb's end
    String printed = cluster.kubectl("-n", "limits", "logs", "bomb").succeeded().out();
    int children = Integer.parseInt(printed.strip().replaceAll("(?s)\\D.*", ""));
    assertThat(children).isBetween(50, 20_000);
  }
}
