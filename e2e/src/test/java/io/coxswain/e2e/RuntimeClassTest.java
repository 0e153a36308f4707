package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What makes a pod's containers is its RuntimeClass' to say; what a node cannot do, it says.
@ExtendWith({OneNode.class, FailureLogs.class})
final class RuntimeClassTest {

  private static final Duration SOON = Duration.ofSeconds(40);

  private static TestCluster cluster;

  @BeforeAll
  static void start(TestCluster shared) {
    cluster = shared;
  }

  @AfterEach
  void takeAway() {
    cluster.kubectl("delete", "pod", "--all", "--now").succeeded();
    cluster.kubectl("delete", "runtimeclass", "--all").succeeded();
  }

  private static void pod(String name, String fields, String script) {
    cluster
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s}
            spec:
              %s
              terminationGracePeriodSeconds: 1
              containers:
              - name: main
                image: "host:///"
                command: [sh, -c, "%s"]
                restartPolicy: Never
                restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]
            """
                .formatted(name, fields, script))
        .succeeded();
  }

  private static void handler(String runtimeClass, String handler) {
    cluster
        .apply(
            "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: %s}\nhandler: %s\n"
                .formatted(runtimeClass, handler))
        .succeeded();
  }

  private static void awaitRefusal(String pod, String words) {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    cluster
                        .kubectl(
                            "get",
                            "events",
                            "--field-selector",
                            "reason=FailedCreatePodSandBox,involvedObject.name=" + pod)
                        .out())
                .contains(words));
    assertThat(cluster.field("pod", pod, ".status.phase")).isEqualTo("Pending");
  }

  @Test
  void aPodRunsByWhatItsClassNames() {
    handler("plain", "runc");
    pod("plain", "runtimeClassName: plain", "exec sleep 1000");
    cluster.kubectl("wait", "pod/plain", "--for=condition=Ready", "--timeout=40s").succeeded();
    String id =
        cluster
            .field("pod", "plain", ".status.containerStatuses[0].containerID")
            .replace("coxswain://", "");
    assertThat(cluster.run().resolve("runc").resolve(id)).isDirectory();
    assertThat(
            cluster
                .kubectl("get", "nodes", "-o", "jsonpath={.items[0].status.runtimeHandlers}")
                .out())
        .contains("\"name\":\"runc\"");
  }

  @Test
  void whatTheNodeCannotDoItSays() {
    handler("unknown", "no-such-handler");
    pod("unknown", "runtimeClassName: unknown", "exec sleep 1000");
    awaitRefusal("unknown", "no runtime for \"no-such-handler\" is configured");
  }

  @Test
  void aPodHasUsersOfItsOwn() throws IOException {
    assumeThat(
            cluster
                .kubectl(
                    "get",
                    "nodes",
                    "-o",
                    "jsonpath={.items[0].status.runtimeHandlers[*].features.userNamespaces}")
                .out())
        .as("kernel 6.3 or later")
        .contains("true");
    pod("users", "hostUsers: false", "cat /proc/self/uid_map; id -u; exec sleep 1000");
    cluster.kubectl("wait", "pod/users", "--for=condition=Ready", "--timeout=40s").succeeded();
    String[] said = cluster.kubectl("logs", "users").out().strip().split("\\s+");
    assertThat(said).hasSize(4).startsWith("0").endsWith("65536", "0");
    assertThat(Integer.parseInt(said[1])).isGreaterThanOrEqualTo(65536);
    assertThat(cluster.kubectl("exec", "users", "--", "id", "-u").out()).isEqualTo("0\n");
    // the volume of the service account's token belongs to its root, too
    assertThat(
            cluster
                .kubectl(
                    "exec",
                    "users",
                    "--",
                    "sh",
                    "-c",
                    "cut -c1-2 /var/run/secrets/kubernetes.io/serviceaccount/token; ip addr show eth0 | grep -c inet")
                .out())
        .startsWith("ey\n");
  }

  @Test
  void aPodNamesProfilesOfTheNode() throws IOException {
    pod(
        "profiled",
        "securityContext: {seccompProfile: {type: Localhost, localhostProfile: late.json}}",
        "mkdir /tmp/x || echo refused; exec sleep 1000");
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    cluster.field(
                        "pod", "profiled", ".status.containerStatuses[0].state.waiting.message"))
                .contains("cannot load seccomp profile", "late.json", "no such file or directory"));
    assertThat(
            cluster.field("pod", "profiled", ".status.containerStatuses[0].state.waiting.reason"))
        .isEqualTo("CreateContainerError");
    Path folder = Files.createDirectories(cluster.data().resolve("kubelet/seccomp"));
    Files.writeString(
        folder.resolve("late.json"),
        """
        {"defaultAction": "SCMP_ACT_ALLOW",
         "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}
        """);
    cluster.kubectl("wait", "pod/profiled", "--for=condition=Ready", "--timeout=40s").succeeded();
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(cluster.kubectl("logs", "profiled").out()).contains("refused"));
  }

  @Test
  void aContainerSaysAfterWhichEndsItStartsAgain() {
    pod("again", "", "[ -e /dev/shm/once ] && exit 7; touch /dev/shm/once; exit 42");
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(cluster.field("pod", "again", ".status.phase")).isEqualTo("Failed"));
    assertThat(cluster.field("pod", "again", ".status.containerStatuses[0].restartCount"))
        .isEqualTo("1");
    assertThat(
            cluster.field("pod", "again", ".status.containerStatuses[0].state.terminated.exitCode"))
        .isEqualTo("7");
  }
}
