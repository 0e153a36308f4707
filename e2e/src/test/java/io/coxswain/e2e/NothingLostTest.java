package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Processes die at random moments, by kill -9, while somebody writes: everything that was answered
/// as written is still there, and pods run on, not restarted.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(FailureLogs.class)
final class NothingLostTest {

  private static final int KILLS = Integer.getInteger("e2e.kills", 12);
  // tells this suite's processes from another's on the same machine
  private static final String SECONDS = Long.toString(10_000_000 + ProcessHandle.current().pid());
  private static final Duration ANSWERS_AGAIN = Duration.ofSeconds(60);
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
                      command: [sh, -c, 'exec sleep %s']
            """
                .formatted(SECONDS))
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

  private static Set<Long> processes() {
    return ProcessHandle.allProcesses()
        .filter(process ->
            process.info().arguments().map(List::of).orElse(List.of()).equals(List.of(SECONDS)))
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
    List<String> victims =
        new ArrayList<>(
            List.of(
                "server", "node-1", "node-2", "etcd", "server.supervisor", "node-1.supervisor"));
    Map<String, Integer> killed = new TreeMap<>();
    Set<String> acknowledged;
    try (Writer writer = new Writer(cluster)) {
      for (int i = 0; i < KILLS; i++) {
        if (i % victims.size() == 0) {
          Collections.shuffle(victims, random); // each has its turn, in no order
        }
        String victim = victims.get(i % victims.size());
        kill(victim);
        killed.merge(victim, 1, Integer::sum);
        TimeUnit.MILLISECONDS.sleep(random.nextInt(3000));
        // a supervisor that died is a person's to start again: up is how
        if (victim.endsWith(".supervisor")) {
          cluster.coxswain("up").succeeded();
        }
        if (i % 3 == 2) {
          int seen = writer.acknowledged().size();
          await().atMost(ANSWERS_AGAIN).until(() -> writer.acknowledged().size() > seen);
        }
      }
      acknowledged = writer.acknowledged();
    }
    cluster.coxswain("up").succeeded();
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(cluster.field("deployment", "steady", ".status.readyReplicas"))
                .isEqualTo("6"));
    assertThat(pods()).as("seed %d", seed).isEqualTo(before);
    assertThat(processes()).isEqualTo(processesBefore);
    Set<String> kept =
        cluster
            .kubectl("get", "configmaps", "-o", "name")
            .succeeded()
            .out()
            .lines()
            .map(line -> line.substring(line.indexOf('/') + 1))
            .collect(Collectors.toSet());
    System.out.printf(
        "kill -9: %d kills, seed %d: %s; %d writes acknowledged meanwhile, %d lost; pods restarted: 0%n",
        KILLS,
        seed,
        killed,
        acknowledged.size(),
        acknowledged.stream().filter(name -> !kept.contains(name)).count());
    assertThat(kept).containsAll(acknowledged);
  }

  private void kill(String victim) throws IOException {
    Path pidFile = cluster.run().resolve(victim.endsWith(".supervisor") ? victim : victim + ".pid");
    // between two lives it has no file
    await().atMost(ANSWERS_AGAIN).until(() -> Files.exists(pidFile));
    ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip()))
        .ifPresent(ProcessHandle::destroyForcibly);
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
