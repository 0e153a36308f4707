package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What people do with kubectl every day, done with kubectl-lite on a real cluster, each in names
/// of its own.
@ExtendWith({OneNode.class, FailureLogs.class})
final class CommandLineTest {

  private static final Duration SOON = Duration.ofSeconds(60);

  private final TestCluster cluster;

  CommandLineTest(TestCluster cluster) {
    this.cluster = cluster;
  }

  private String told(String... arguments) {
    return cluster.kubectl(arguments).succeeded().out();
  }

  /// A replication controller whose pods run.
  private void controller(String name, int replicas) {
    cluster
        .apply(
            """
            apiVersion: v1
            kind: ReplicationController
            metadata: {name: %1$s}
            spec:
              replicas: %2$d
              selector: {app: %1$s}
              template:
                metadata: {labels: {app: %1$s}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: main
                    image: host:///
                    command: [sh, -c, 'exec sleep 3600']
                    ports: [{containerPort: 6379}]
            """
                .formatted(name, replicas))
        .succeeded();
    awaitRunning(name, replicas);
  }

  private void awaitRunning(String app, int count) {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(phases(app)).hasSize(count).allMatch(phase -> phase.equals("Running")));
  }

  private List<String> phases(String app) {
    return told(
            "get",
            "pods",
            "-l",
            "app=" + app,
            "-o",
            "jsonpath={range .items[*]}{.status.phase}{\"\\n\"}{end}")
        .lines()
        .toList();
  }

  private String firstPod(String app) {
    return told("get", "pods", "-l", "app=" + app, "-o", "jsonpath={.items[0].metadata.name}");
  }

  @Test
  void aReplicationControllerIsMadeScaledAndStopped() {
    controller("scaled", 2);
    told("scale", "rc", "scaled", "--replicas=1");
    awaitRunning("scaled", 1);
    told("scale", "rc", "scaled", "--replicas=2");
    awaitRunning("scaled", 2);
    told("delete", "rc", "scaled");
    await().atMost(SOON).until(() -> phases("scaled").isEmpty());
    assertThat(cluster.kubectl("get", "rc", "scaled").err()).contains("NotFound");
  }

  @Test
  void aControllerAndAServiceAreExposed() {
    controller("exposed", 1);
    told("expose", "rc", "exposed", "--name=rm2", "--port=1234", "--target-port=6379");
    told("expose", "service", "rm2", "--name=rm3", "--port=2345", "--target-port=6379");
    for (String[] one : new String[][] {{"rm2", "1234"}, {"rm3", "2345"}}) {
      assertThat(
              cluster.field("service", one[0], ".spec.ports[0].port} {.spec.ports[0].targetPort"))
          .isEqualTo(one[1] + " 6379");
      assertThat(cluster.field("service", one[0], ".spec.selector.app")).isEqualTo("exposed");
      await()
          .atMost(SOON)
          .until(
              () -> !cluster.field("endpoints", one[0], ".subsets[0].addresses[0].ip").isEmpty());
    }
    told("delete", "service", "rm2", "rm3");
    told("delete", "rc", "exposed");
  }

  @Test
  void everythingIsDescribed() {
    controller("described", 1);
    told("expose", "rc", "described", "--port=6379");
    String pod = firstPod("described");
    String node = cluster.field("pod", pod, ".spec.nodeName");
    assertThat(told("describe", "pod", pod))
        .containsPattern("Name: +" + pod)
        .containsPattern("Namespace: +default")
        .containsPattern("Labels: +app=described")
        .containsPattern("Status: +Running")
        .containsPattern("Controlled By: +ReplicationController/described")
        .containsPattern("Image: +host:///")
        .containsPattern("State: +Running");
    assertThat(told("describe", "rc", "described"))
        .containsPattern("Name: +described")
        .containsPattern("Namespace: +default")
        .containsPattern("Replicas: +1")
        .containsPattern("Ready Replicas: +1")
        .contains("app: described", "image: host:///", "Events:", "SuccessfulCreate");
    assertThat(told("describe", "service", "described"))
        .containsPattern("Name: +described")
        .containsPattern("Type: +ClusterIP")
        .containsPattern("Cluster IP: +10\\.")
        .containsPattern("Session Affinity: +None")
        .containsPattern("Endpoints: +10\\.[0-9.]+:6379")
        .contains("app: described", "port: 6379");
    assertThat(told("describe", "node", node))
        .containsPattern("Name: +" + node)
        .contains("Labels:", "Conditions:", "Addresses:", "Capacity:", "Allocatable:")
        .contains("kubeletVersion:", "containerRuntimeVersion:", "Non-terminated Pods:", pod);
    assertThat(told("describe", "namespace", "default"))
        .containsPattern("Name: +default")
        .containsPattern("Phase: +Active");
    told("delete", "service/described", "rc/described");
  }

  @Test
  void labelsAndAnnotationsComeAndGo() {
    controller("marked", 1);
    String pod = firstPod("marked");
    told("label", "pod", pod, "testing-label=testing-label-value");
    assertThat(told("get", "pod", pod, "-L", "testing-label")).contains("testing-label-value");
    told("label", "pod", pod, "testing-label-");
    assertThat(told("get", "pod", pod, "-L", "testing-label"))
        .doesNotContain("testing-label-value");
    told("patch", "pod", pod, "-p", "{\"metadata\":{\"annotations\":{\"x\":\"y\"}}}");
    assertThat(cluster.field("pod", pod, ".metadata.annotations.x")).isEqualTo("y");
    told("delete", "rc", "marked");
  }

  @Test
  void aPodIsRunReplacedAndTriedOut() {
    told("run", "once", "--image=host:///", "--restart=Never", "--", "sleep", "3600");
    assertThat(cluster.field("pod", "once", ".spec.containers[*].image}{.spec.restartPolicy"))
        .isEqualTo("host:///Never");

    told(
        "patch",
        "pod",
        "once",
        "--dry-run=server",
        "-p",
        "{\"spec\":{\"containers\":[{\"name\":\"once\",\"image\":\"host:///opt\"}]}}");
    assertThat(cluster.field("pod", "once", ".spec.containers[0].image")).isEqualTo("host:///");

    // while it starts its status changes, and who replaces it by what was is refused
    told("wait", "--for=condition=Ready", "pod/once", "--timeout=40s");
    String pod = told("get", "pod", "once", "-o", "json");
    cluster.kubectlWith(pod.replace("host:///", "host:///opt"), "replace", "-f", "-").succeeded();
    assertThat(cluster.field("pod", "once", ".spec.containers[0].image")).isEqualTo("host:///opt");
    told("delete", "pod", "once", "--grace-period=1");
  }

  @Test
  void aChangeIsShownBeforeItIsMade() {
    String deployment =
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: compared}
        spec:
          replicas: 0
          selector: {matchLabels: {app: compared}}
          template:
            metadata: {labels: {app: compared}}
            spec: {containers: [{name: main, image: registry.example/one:1}]}
        """;
    cluster.apply(deployment).succeeded();
    Command.Result diff =
        cluster.kubectlWith(deployment.replace("one:1", "two:2"), "diff", "-f", "-");
    assertThat(diff.code()).isEqualTo(1);
    assertThat(diff.out())
        .containsPattern("(?m)^- .*image: registry.example/one:1")
        .containsPattern("(?m)^\\+ .*image: registry.example/two:2");
    assertThat(cluster.kubectlWith(deployment, "diff", "-f", "-").code()).isZero();
    told("delete", "deployment", "compared");
  }

  @Test
  void theClusterSaysWhatItIs() {
    assertThat(told("api-versions").lines()).contains("v1", "apps/v1");
    assertThat(told("cluster-info")).contains("Kubernetes control plane", "is running at");
    assertThat(told("version")).contains("Client Version: ", "Server Version: v1.36");
    assertThat(told("version", "-o", "json"))
        .contains("\"gitVersion\"", "\"major\"", "\"minor\"", "\"gitCommit\"", "\"buildDate\"");
  }

  @Test
  void theApiIsProxiedToAPortAndToASocket() throws Exception {
    Path log = cluster.root().resolve("proxy.log");
    Process proxy = cluster.background(log, "kubectl-lite", "proxy", "--port=0");
    try {
      Pattern line = Pattern.compile("Starting to serve on 127\\.0\\.0\\.1:(\\d+)");
      await().atMost(SOON).until(() -> line.matcher(Files.readString(log)).find());
      Matcher found = line.matcher(Files.readString(log));
      assertThat(found.find()).isTrue();
      assertThat(Http.get("127.0.0.1", Integer.parseInt(found.group(1)), "/api/"))
          .contains("\"versions\"", "\"v1\"");
    } finally {
      end(proxy);
    }
    Path socket = cluster.root().resolve("proxy.sock");
    Process other =
        cluster.background(
            cluster.root().resolve("socket.log"),
            "kubectl-lite",
            "proxy",
            "--unix-socket=" + socket);
    try {
      await().atMost(SOON).until(() -> Files.exists(socket));
      Command.Result answer =
          Command.run(
              SOON,
              java.util.Map.of(),
              "",
              List.of(
                  "curl",
                  "-sS",
                  "--retry",
                  "5",
                  "--retry-connrefused",
                  "--unix-socket",
                  socket.toString(),
                  "http://localhost/api/"));
      assertThat(answer.succeeded().out()).contains("\"versions\"", "\"v1\"");
    } finally {
      end(other);
    }
  }

  private static void end(Process process) throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void logsAreReadWholeAndInPart() {
    cluster
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: talker}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - name: main
                image: host:///
                command: [sh, -c, 'for i in 1 2 3 4 5; do echo line $i; done; exec sleep 3600']
            """)
        .succeeded();
    await().atMost(SOON).until(() -> cluster.kubectl("logs", "talker").out().contains("line 5"));
    assertThat(told("logs", "talker")).isEqualTo("line 1\nline 2\nline 3\nline 4\nline 5\n");
    assertThat(told("logs", "talker", "--tail=1")).isEqualTo("line 5\n");
    assertThat(told("logs", "talker", "--limit-bytes=1")).isEqualTo("l");
    assertThat(told("logs", "talker", "--tail=1", "--timestamps"))
        .matches("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d+(Z|[+-]\\d{2}:\\d{2}) line 5\n");
    assertThat(told("logs", "talker", "--since=24h").lines()).hasSize(5);
    // who is asked for the last second later than that has nothing to tell
    await().atMost(SOON).until(() -> told("logs", "talker", "--since=1s").isEmpty());
    told("delete", "pod", "talker");
  }

  @Test
  void kindsThatPeopleDefineAreExplainedAndChecked() {
    cluster
        .apply(
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: foos.cli.example.com}
            spec:
              group: cli.example.com
              scope: Namespaced
              names: {plural: foos, kind: Foo}
              versions:
              - name: v1
                served: true
                storage: true
                schema:
                  openAPIV3Schema:
                    type: object
                    description: Foo for tests
                    properties:
                      spec:
                        type: object
                        description: Specification of Foo
                        properties:
                          bars:
                            type: array
                            description: List of Bars and their specs.
                            items:
                              type: object
                              required: [name]
                              properties:
                                name: {type: string, description: Name of Bar.}
                                kind: {type: string, enum: [A, B]}
            ---
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: bags.cli.example.com}
            spec:
              group: cli.example.com
              scope: Namespaced
              names: {plural: bags, kind: Bag}
              versions:
              - name: v1
                served: true
                storage: true
                schema:
                  openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
            """)
        .succeeded();
    assertThat(told("explain", "foos"))
        .contains("Foo for tests", "apiVersion\t<string>", "Specification of Foo");
    assertThat(told("explain", "foos.spec.bars"))
        .contains("List of Bars", "<[]Object>", "name\t<string>", "Name of Bar");
    assertThat(cluster.kubectl("explain", "foos.spec.bars2").err())
        .contains("field \"bars2\" does not exist");
    assertThat(told("explain", "bags")).containsPattern("KIND: +Bag");

    String foo =
        """
        apiVersion: cli.example.com/v1
        kind: Foo
        metadata: {name: one}
        spec: {bars: [%s]}
        """;
    for (String verb : List.of("create", "apply")) {
      cluster.kubectlWith(foo.formatted("{name: a, kind: A}"), verb, "-f", "-").succeeded();
      told("delete", "foo", "one");
      assertThat(cluster.kubectlWith(foo.formatted("{name: a, odd: 1}"), verb, "-f", "-").err())
          .contains("unknown field \"spec.bars[0].odd\"");
      assertThat(cluster.kubectlWith(foo.formatted("{kind: A}"), verb, "-f", "-").err())
          .contains("spec.bars[0].name: Required value");
      assertThat(cluster.kubectlWith(foo.formatted("{name: a, kind: C}"), verb, "-f", "-").err())
          .contains("Unsupported value: \"C\"");
      cluster
          .kubectlWith(
              """
              apiVersion: cli.example.com/v1
              kind: Bag
              metadata: {name: any}
              anything: [{goes: here}]
              """,
              verb,
              "-f",
              "-")
          .succeeded();
      told("delete", "bag", "any");
    }
    told("delete", "crd", "foos.cli.example.com", "bags.cli.example.com");
  }
}
