package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the README promises a new user, in its order.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(FailureLogs.class)
final class QuickStartTest {

  private static final Duration SOON = Duration.ofSeconds(40);

  private final TestCluster cluster = TestCluster.prepared();
  private String manifests = "";

  @BeforeAll
  void up() {
    manifests = cluster.home().resolve("manifests").toString();
    Command.Result result = cluster.coxswain("up", "-f", manifests + "/hello.yaml").succeeded();
    assertThat(result.out())
        .contains("ready in", "deployment.apps/hello created", "service/hello created", "Next:");
  }

  @AfterAll
  void down() {
    cluster.close();
    assertThat(cluster.data()).doesNotExist();
  }

  @Test
  @Order(1)
  void threeCopiesRunAndAnswerThroughTheNodePort() {
    cluster.kubectl("rollout", "status", "deployment/hello", "--timeout=40s").succeeded();
    assertThat(cluster.kubectl("get", "pods", "--no-headers").succeeded().out().lines())
        .hasSize(3)
        .allMatch(line -> line.matches("hello-\\S+ +1/1 +Running +0 .*"));
    Set<String> answers = new HashSet<>();
    await()
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> {
          answers.add(Http.get("127.0.0.1", 30080, "/").strip());
          return answers.size() == 3;
        });
    assertThat(answers).allMatch(answer -> answer.startsWith("Hello from hello-"));
  }

  @Test
  @Order(2)
  void upAgainChangesNothing() {
    String before = cluster.kubectl("get", "pods", "-o", "name").succeeded().out();
    long pid = cluster.pid("all-in-one");
    cluster.coxswain("up").succeeded();
    assertThat(cluster.pid("all-in-one")).isEqualTo(pid);
    assertThat(cluster.kubectl("get", "pods", "-o", "name").succeeded().out()).isEqualTo(before);
  }

  @Test
  @Order(3)
  void statusNamesPartsAndLogs() {
    Command.Result status = cluster.coxswain("status").succeeded();
    assertThat(status.out())
        .contains("all-in-one", "etcd", "running", cluster.logs() + "/all-in-one.log")
        .contains("kubeconfig: " + cluster.kubeconfig());
    assertThat(cluster.coxswain("kubeconfig").succeeded().out().strip())
        .isEqualTo(cluster.kubeconfig().toString());
  }

  @Test
  @Order(4)
  void containersOfAPodShareLocalhost() {
    cluster.kubectl("apply", "-f", manifests + "/sidecar.yaml").succeeded();
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(cluster.kubectl("logs", "sidecar", "-c", "client").out())
                .contains("the server says: answer"));
  }

  @Test
  @Order(5)
  void configurationArrivesAsEnvironmentAndFilesAndFollowsChanges() {
    cluster.kubectl("apply", "-f", manifests + "/config.yaml").succeeded();
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(cluster.kubectl("logs", "config").out())
                .contains("Good morning, node ", "the password has 28 characters", "color=blue"));
    cluster
        .kubectl(
            "patch",
            "configmap",
            "greeting",
            "--type=merge",
            "-p",
            "{\"data\":{\"app.properties\":\"color=red\\n\"}}")
        .succeeded();
    await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(() ->
            assertThat(
                    cluster.kubectl("exec", "config", "--", "cat", "/etc/app/app.properties").out())
                .isEqualTo("color=red\n"));
  }

  @Test
  @Order(6)
  void tiersFindEachOtherByName() {
    cluster.kubectl("apply", "-f", manifests + "/guestbook.yaml").succeeded();
    for (String tier : new String[] {"store", "api", "web"}) {
      cluster.kubectl("rollout", "status", "deployment/" + tier, "--timeout=50s").succeeded();
    }
    await()
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() ->
            assertThat(Http.get("127.0.0.1", 30081, "/sign?name=Ada"))
                .isEqualTo("Thank you, Ada.\n"));
    await()
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(
            () -> assertThat(Http.get("127.0.0.1", 30081, "/")).contains("Guests:\nAda\n"));
  }

  @Test
  @Order(7)
  void scalesRollsOutAndBack() {
    cluster.kubectl("scale", "deployment/hello", "--replicas=5").succeeded();
    cluster.kubectl("rollout", "status", "deployment/hello", "--timeout=50s").succeeded();
    assertThat(cluster.field("deployment", "hello", ".status.readyReplicas")).isEqualTo("5");
    cluster.kubectl("scale", "deployment/hello", "--replicas=2").succeeded();
    cluster.kubectl("rollout", "restart", "deployment/hello").succeeded();
    cluster.kubectl("rollout", "status", "deployment/hello", "--timeout=50s").succeeded();
    assertThat(cluster.kubectl("rollout", "history", "deployment/hello").succeeded().out())
        .contains("1", "2");
    cluster.kubectl("rollout", "undo", "deployment/hello").succeeded();
    cluster.kubectl("rollout", "status", "deployment/hello", "--timeout=50s").succeeded();
    assertThat(
            cluster.field(
                "deployment",
                "hello",
                ".metadata.annotations.deployment\\.kubernetes\\.io/revision"))
        .isEqualTo("3");
  }

  @Test
  @Order(8)
  void theRealKubectlDoesTheSame() {
    org.junit.jupiter.api.Assumptions.assumeTrue(
        TestCluster.hasRealKubectl(), "kubectl is not installed");
    assertThat(cluster.realKubectl("", "get", "pods", "-o", "wide").succeeded().out())
        .contains("NOMINATED NODE", "Running");
    cluster.realKubectl("", "apply", "-f", manifests + "/hello.yaml").succeeded();
    cluster.realKubectl("", "rollout", "status", "deployment/hello", "--timeout=50s").succeeded();
    assertThat(
            cluster.realKubectl(
                "", "exec", "sidecar", "-c", "client", "--", "sh", "-c", "echo out; exit 3"))
        .satisfies(result -> {
          assertThat(result.out()).isEqualTo("out\n");
          assertThat(result.code()).isEqualTo(3);
        });
    assertThat(cluster.realKubectl("", "logs", "config", "--tail=3").succeeded().out().lines())
        .hasSize(3);
    assertThat(cluster.realKubectl("", "describe", "pod", "sidecar").succeeded().out())
        .contains("Status:", "Running", "Scheduled");
    assertThat(cluster.realKubectl("", "explain", "pod.spec.restartPolicy").succeeded().out())
        .contains("restartPolicy");
  }

  @Test
  @Order(9)
  void filesAndPortsOfPodsAreWithinReach() throws Exception {
    Path files = cluster.data().resolveSibling("files");
    Path source = Files.createDirectories(files.resolve("sub"));
    Files.writeString(source.resolve("note"), "from here\n");
    Files.write(source.resolve("large"), new byte[3_000_000]);
    String there = "sidecar:/tmp/files";
    cluster.kubectl("cp", files.toString(), there, "-c", "client").succeeded();
    assertThat(
            cluster
                .kubectl("exec", "sidecar", "-c", "client", "--", "cat", "/tmp/files/sub/note")
                .out())
        .isEqualTo("from here\n");
    Path back = source.resolveSibling("back");
    cluster.kubectl("cp", there, back.toString(), "-c", "client").succeeded();
    assertThat(back.resolve("sub/note")).hasContent("from here");
    assertThat(back.resolve("sub/large")).hasSize(3_000_000);
    assertThat(cluster.kubectl("cp", there + "/none", back.toString(), "-c", "client").code())
        .isNotZero();
    Path log = source.resolveSibling("port-forward.log");
    Process forward =
        cluster.background(
            log, "kubectl-lite", "port-forward", "service/hello", ":80", "--address=127.0.0.1");
    try {
      Pattern line = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) -> 8080\n");
      await().atMost(SOON).until(() -> line.matcher(Files.readString(log)).find());
      Matcher found = line.matcher(Files.readString(log));
      assertThat(found.find()).isTrue();
      int port = Integer.parseInt(found.group(1));
      for (int i = 0; i < 3; i++) {
        assertThat(Http.get("127.0.0.1", port, "/")).startsWith("Hello from hello-");
      }
    } finally {
      forward.destroy();
      assertThat(forward.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  @Order(10)
  void downEndsPodsInPeaceAndUpBringsEverythingBack() throws Exception {
    Path state = cluster.data().resolveSibling("state");
    cluster.apply(savesWhenItEnds(Files.createDirectory(state))).succeeded();
    cluster.kubectl("wait", "--for=condition=Ready", "pod/saves", "--timeout=40s").succeeded();
    String before = cluster.field("pod", "saves", ".metadata.uid");
    cluster.coxswain("down").succeeded();
    assertThat(state.resolve("saved")).hasContent("all of it");
    assertThat(cluster.coxswain("status").code()).isEqualTo(3);
    cluster.coxswain("up").succeeded();
    cluster.kubectl("rollout", "status", "deployment/hello", "--timeout=60s").succeeded();
    await()
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(
            () -> assertThat(Http.get("127.0.0.1", 30080, "/")).startsWith("Hello from hello-"));
    cluster.kubectl("wait", "--for=condition=Ready", "pod/saves", "--timeout=40s").succeeded();
    assertThat(cluster.field("pod", "saves", ".metadata.uid")).isEqualTo(before);
    String container = ".status.containerStatuses[0].";
    assertThat(cluster.field("pod", "saves", container + "restartCount")).isEqualTo("1");
    assertThat(cluster.field("pod", "saves", container + "lastState.terminated.exitCode"))
        .isEqualTo("0");
  }

  /// A pod that writes down what it knows when it is asked to end.
  private static String savesWhenItEnds(Path state) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: saves}
    spec:
      containers:
      - name: main
        image: host:///
        command: [sh, -c, "trap 'echo all of it > /state/saved; exit 0' TERM; while :; do sleep 0.1; done"]
        volumeMounts: [{name: state, mountPath: /state}]
      volumes:
      - {name: state, hostPath: {path: %s}}
    """
        .formatted(state);
  }
}
