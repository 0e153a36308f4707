package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/// Three nodes, of which one is cut off and one loses all its processes: pods are replaced, and
/// none runs twice.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(FailureLogs.class)
final class SelfHealingTest {

  private static final Duration REPLACED = Duration.ofSeconds(20);
  private static final int REPLICAS = 6;
  // tells this suite's processes from another's on the same machine
  private static final String SECONDS = Long.toString(100_000 + ProcessHandle.current().pid());
  private final TestCluster cluster = TestCluster.prepared();

  @BeforeAll
  void up() {
    cluster.coxswain("up", "--nodes", "3").succeeded();
    cluster
        .apply(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: healing}
            spec:
              replicas: %d
              selector: {matchLabels: {app: healing}}
              template:
                metadata: {labels: {app: healing}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                    - name: main
                      image: host:///
                      command: [sh, -c, 'exec sleep %s']
            """
                .formatted(REPLICAS, SECONDS))
        .succeeded();
    cluster.kubectl("rollout", "status", "deployment/healing", "--timeout=55s").succeeded();
  }

  @AfterAll
  void down() {
    cluster.close();
  }

  private record Placed(String pod, String node, String phase) {}

  private List<Placed> pods() {
    return cluster
        .kubectl(
            "get",
            "pods",
            "-l",
            "app=healing",
            "-o",
            "jsonpath={range .items[*]}{.metadata.name} {.spec.nodeName} {.status.phase} {.metadata.deletionTimestamp}{\"\\n\"}{end}")
        .out()
        .lines()
        .map(line -> line.split(" ", -1))
        .filter(fields -> fields.length >= 4 && fields[3].isEmpty())
        .map(fields -> new Placed(fields[0], fields[1], fields[2]))
        .toList();
  }

  private void allRunOn(Set<String> nodes, Duration within) {
    await()
        .atMost(within)
        .untilAsserted(() ->
            assertThat(pods())
                .hasSize(REPLICAS)
                .allMatch(pod -> pod.phase().equals("Running") && nodes.contains(pod.node())));
  }

  /// Every process of the suite's pods on this machine, by the pods' cgroups: each pod must have
  /// one.
  private long processes() {
    return ProcessHandle.allProcesses()
        .filter(process ->
            process.info().arguments().map(List::of).orElse(List.of()).equals(List.of(SECONDS)))
        .count();
  }

  @Test
  @Order(1)
  void podsAreSpreadOverTheNodes() {
    assertThat(pods().stream().map(Placed::node).collect(Collectors.toSet()))
        .containsExactlyInAnyOrder("node-1", "node-2", "node-3");
  }

  @Test
  @Order(2)
  void aKilledContainerIsBack() {
    String pod = pods().getFirst().pod();
    cluster.kubectl("exec", pod, "--", "sh", "-c", "kill -9 1; kill -TERM 1");
    ProcessHandle.allProcesses()
        .filter(process ->
            process.info().arguments().map(List::of).orElse(List.of()).equals(List.of(SECONDS)))
        .findFirst()
        .ifPresent(ProcessHandle::destroyForcibly);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> {
          assertThat(processes()).isEqualTo(REPLICAS);
          assertThat(
                  cluster
                      .kubectl(
                          "get",
                          "pods",
                          "-l",
                          "app=healing",
                          "-o",
                          "jsonpath={.items[*].status.containerStatuses[0].restartCount}")
                      .out())
              .contains("1");
        });
  }

  @Test
  @Order(3)
  void aNodeThatIsCutOffIsReplacedAndRunsNothingTwiceWhenItReturns() {
    cluster.onNode("node-2", "ip", "link", "set", "eth0", "down").succeeded();
    long began = System.nanoTime();
    allRunOn(Set.of("node-1", "node-3"), REPLACED);
    System.out.printf("cut off: replaced after %.1f s%n", (System.nanoTime() - began) / 1e9);
    cluster.onNode("node-2", "ip", "link", "set", "eth0", "up").succeeded();
    cluster.onNode("node-2", "ip", "route", "replace", "default", "via", "10.90.0.1").succeeded();
    await()
        .atMost(Duration.ofSeconds(40))
        .untilAsserted(() -> assertThat(processes()).isEqualTo(REPLICAS));
    cluster.kubectl("wait", "--for=condition=Ready", "node/node-2", "--timeout=40s").succeeded();
    allRunOn(Set.of("node-1", "node-2", "node-3"), Duration.ofSeconds(20));
  }

  @Test
  @Order(4)
  void aNodeThatLosesPowerIsReplaced() {
    // supervisor, agent, conmon and pods all at once
    killPower("node-3");
    long began = System.nanoTime();
    allRunOn(Set.of("node-1", "node-2"), REPLACED);
    System.out.printf("power off: replaced after %.1f s%n", (System.nanoTime() - began) / 1e9);
    cluster.coxswain("up").succeeded();
    cluster.kubectl("wait", "--for=condition=Ready", "node/node-3", "--timeout=50s").succeeded();
    await()
        .atMost(Duration.ofSeconds(40))
        .untilAsserted(() -> assertThat(processes()).isEqualTo(REPLICAS));
  }

  /// A node that is through with its pods before others is not taken for lost.
  @Test
  @Order(5)
  void downAndUpOfSeveralNodesMovesNothing() {
    cluster
        .apply(bare("slow", "node-1", "trap '' TERM; while :; do sleep 0.2; done", 20))
        .succeeded();
    cluster.apply(bare("quick", "node-2", "exec sleep 1000", 1)).succeeded();
    cluster.kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=40s").succeeded();
    String before = placed();
    cluster.coxswain("down").succeeded();
    cluster.coxswain("up").succeeded();
    // the server hears only now how they ended
    String restarts = ".status.containerStatuses[0].restartCount";
    await()
        .atMost(Duration.ofSeconds(50))
        .untilAsserted(() -> {
          assertThat(cluster.field("pod", "slow", restarts)).isEqualTo("1");
          assertThat(cluster.field("pod", "quick", restarts)).isEqualTo("1");
        });
    cluster.kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=50s").succeeded();
    assertThat(placed()).isEqualTo(before).contains("slow", "quick");
  }

  private String placed() {
    return cluster
        .kubectl(
            "get",
            "pods",
            "--sort-by=.metadata.name",
            "-o",
            "custom-columns=NAME:.metadata.name,UID:.metadata.uid,NODE:.spec.nodeName,DELETED:.metadata.deletionTimestamp")
        .succeeded()
        .out();
  }

  private static String bare(String name, String node, String script, int grace) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s}
    spec:
      nodeName: %s
      terminationGracePeriodSeconds: %d
      containers:
      - {name: main, image: "host:///", command: [sh, -c, "%s"]}
    """
        .formatted(name, node, grace, script);
  }

  private void killPower(String node) {
    for (String part : new String[] {node + ".supervisor", node + ".pid"}) {
      Command.run(
          Duration.ofSeconds(10),
          java.util.Map.of(),
          "",
          List.of("sh", "-c", "kill -KILL $(cat " + cluster.run().resolve(part) + ")"));
    }
    Command.run(
            Duration.ofSeconds(20),
            java.util.Map.of(),
            "",
            List.of(
                cluster.home().resolve("deploy/libexec/node-cleanup").toString(),
                "--processes",
                cluster.name() + "-" + node,
                cluster.run().resolve(node).toString(),
                cluster.data().resolve("nodes/" + node).toString()))
        .succeeded();
  }
}
