package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Server, scheduler and agent as programs of their own, as on machines of their own: started by
/// hand, each shows its figures, and a scheduler that dies delays pods and loses none.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(FailureLogs.class)
final class PartsApartTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private final TestCluster cluster = TestCluster.prepared();
  private final List<Process> parts = new ArrayList<>();

  @BeforeAll
  void start() throws IOException {
    Files.createDirectories(cluster.logs());
    part("server", "server", "--advertise", "127.0.0.1");
    await().atMost(PATIENCE).until(() -> Files.exists(cluster.kubeconfig()));
    Path token = cluster.data().resolve("pki/join-token");
    part(
        "agent",
        "agent",
        "--server",
        "127.0.0.1:6444",
        "--token-file",
        token.toString(),
        "--node",
        "apart",
        "--address",
        "127.0.0.1");
    await()
        .atMost(PATIENCE)
        .until(() ->
            cluster.kubectl("wait", "--for=condition=Ready", "node/apart", "--timeout=30s").code()
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

  private Process part(String name, String... arguments) throws IOException {
    Process process =
        cluster.background(cluster.logs().resolve(name + ".log"), "coxswain", arguments);
    parts.add(process);
    return process;
  }

  @Test
  void aSchedulerThatDiesDelaysPodsAndLosesNone() throws Exception {
    cluster
        .apply(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: waiting}
            spec:
              replicas: 3
              selector: {matchLabels: {app: waiting}}
              template:
                metadata: {labels: {app: waiting}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                    - {name: main, image: "host:///", command: [sleep, "1000"]}
            """)
        .succeeded();
    // nobody schedules yet
    assertThat(running()).isZero();
    Process first = part("scheduler", "scheduler");
    await().atMost(PATIENCE).until(() -> running() == 3);
    assertThat(Http.get("127.0.0.1", 10259, "/metrics")).contains("scheduler_");
    first.destroyForcibly().waitFor();
    cluster.kubectl("scale", "deployment/waiting", "--replicas=5").succeeded();
    await().during(Duration.ofSeconds(2)).atMost(PATIENCE).until(() -> running() == 3);
    part("scheduler", "scheduler");
    await().atMost(PATIENCE).until(() -> running() == 5);
  }

  @Test
  void aNodeThatCannotJoinSaysWhyInASentence() throws Exception {
    TestCluster other = TestCluster.prepared();
    Path token = Files.createDirectories(other.data()).resolve("token");
    assertThat(refused(other, token))
        .contains("there is no file %s with the join token".formatted(token));
    Path _ = Files.writeString(token, "secret");
    assertThat(refused(other, token)).contains("is no join token: it should look like cx1.");
    Path _ = Files.writeString(token, "cx1.%s.x.y".formatted("0".repeat(64)));
    assertThat(refused(other, token)).contains("is not the one that made the token");
    other.close();
  }

  private static String refused(TestCluster node, Path token) {
    Command.Result agent =
        node.coxswain("agent", "--server", "127.0.0.1:6444", "--token-file", token.toString());
    assertThat(agent.code()).isEqualTo(1);
    assertThat(agent.all()).doesNotContain("\tat ");
    return agent.all();
  }

  @Test
  void theAgentShowsItsFigures() throws Exception {
    assertThat(Http.get("127.0.0.1", 10250, "/metrics")).contains("jvm_");
    assertThat(Http.get("127.0.0.1", 10250, "/healthz")).isEqualTo("ok");
  }

  private int running() {
    String phases =
        cluster.kubectl("get", "pods", "-o", "jsonpath={.items[*].status.phase}").succeeded().out();
    return (int)
        List.of(phases.split(" ", -1)).stream().filter(phase -> phase.equals("Running")).count();
  }
}
