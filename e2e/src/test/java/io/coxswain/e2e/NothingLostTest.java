package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Processes die at random moments, by kill -9: everything written is still there, and pods run on,
/// not restarted.
@Tag("several-nodes")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(FailureLogs.class)
final class NothingLostTest {

  private static final int KILLS = Integer.getInteger("e2e.kills", 12);
  private final TestCluster cluster = TestCluster.prepared();

  @BeforeAll
  void up() {
    cluster.coxswain("up", "--nodes", "2").succeeded();
    cluster
        .apply(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: steady}
            spec:
              replicas: 6
              selector: {matchLabels: {app: steady}}
              template:
                metadata: {labels: {app: steady}}
                spec:
                  containers:
                    - name: main
                      image: host:///
                      command: [sh, -c, 'exec sleep 200000']
            """)
        .succeeded();
    cluster.kubectl("rollout", "status", "deployment/steady", "--timeout=55s").succeeded();
  }

  @AfterAll
  void down() {
    cluster.close();
  }

  /// Name → uid, restarts and container of each pod: what must not change.
  private Map<String, String> pods() {
    return cluster
        .kubectl(
            "get",
            "pods",
            "-l",
            "app=steady",
            "-o",
            "jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].containerID}{\"\\n\"}{end}")
        .succeeded()
        .out()
        .lines()
        .collect(
            Collectors.toMap(
                line -> line.substring(0, line.indexOf(' ')),
                line -> line.substring(line.indexOf(' ') + 1),
                (a, b) -> a,
                TreeMap::new));
  }

  private static java.util.Set<Long> processes() {
    return ProcessHandle.allProcesses()
        .filter(process ->
            process
                .info()
                .arguments()
                .map(java.util.List::of)
                .orElse(java.util.List.of())
                .equals(java.util.List.of("200000")))
        .map(ProcessHandle::pid)
        .collect(Collectors.toSet());
  }

  @Test
  void everythingIsBackAfterAnyProcessDies() throws Exception {
    long seed = Long.getLong("e2e.seed", System.nanoTime());
    Random random = new Random(seed);
    Map<String, String> before = pods();
    var processesBefore = processes();
    assertThat(before).hasSize(6);
    assertThat(processesBefore).hasSize(6);
    String[] victims = {
      "server", "node-1", "node-2", "etcd", "server.supervisor", "node-1.supervisor"
    };
    Map<String, Integer> killed = new TreeMap<>();
    for (int i = 0; i < KILLS; i++) {
      String victim = victims[random.nextInt(victims.length)];
      Path pidFile =
          cluster.run().resolve(victim.endsWith(".supervisor") ? victim : victim + ".pid");
      if (Files.exists(pidFile)) {
        long pid = Long.parseLong(Files.readString(pidFile).strip());
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        killed.merge(victim, 1, Integer::sum);
      }
      TimeUnit.MILLISECONDS.sleep(random.nextInt(3000));
      // a supervisor that died is a person's to start again: up is how
      if (victim.endsWith(".supervisor")) {
        cluster.coxswain("up").succeeded();
      }
      int number = i;
      String write = "write-" + i;
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              cluster.kubectl("create", "configmap", write, "--from-literal=i=" + number).code()
                      == 0
                  || cluster.kubectl("get", "configmap", write).code() == 0);
    }
    System.out.println("kill -9: " + KILLS + " kills, seed " + seed + ": " + killed);
    cluster.coxswain("up").succeeded();
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(cluster.field("deployment", "steady", ".status.readyReplicas"))
                .isEqualTo("6"));
    assertThat(pods()).as("seed %d", seed).isEqualTo(before);
    assertThat(processes()).isEqualTo(processesBefore);
    String names = cluster.kubectl("get", "configmaps", "-o", "name").succeeded().out();
    for (int i = 0; i < KILLS; i++) {
      assertThat(names).contains("configmap/write-" + i);
    }
  }

  @Test
  void exitsThatHappenedMeanwhileAreReported() throws IOException {
    cluster
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: brief}
            spec:
              restartPolicy: Never
              containers:
                - {name: main, image: "host:///", command: [sh, -c, 'sleep 4; echo done; exit 7']}
            """)
        .succeeded();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(cluster.field("pod", "brief", ".status.phase")).isEqualTo("Running"));
    for (String part : new String[] {"server", "node-1", "node-2"}) {
      ProcessHandle.of(cluster.pid(part)).ifPresent(ProcessHandle::destroyForcibly);
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(
                    cluster.field(
                        "pod", "brief", ".status.containerStatuses[0].state.terminated.exitCode"))
                .isEqualTo("7"));
    assertThat(cluster.kubectl("logs", "brief").succeeded().out()).isEqualTo("done\n");
  }
}
