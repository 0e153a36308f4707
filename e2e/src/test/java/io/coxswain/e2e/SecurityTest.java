package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Who may not, is refused.
@ExtendWith({OneNode.class, FailureLogs.class})
final class SecurityTest {

  private static Command.Result curl(String... arguments) {
    var command =
        new java.util.ArrayList<>(java.util.List.of("curl", "-sk", "-w", "\n%{http_code}"));
    command.addAll(java.util.List.of(arguments));
    return Command.run(Duration.ofSeconds(20), Map.of(), "", command);
  }

  @Test
  void callersWithoutCredentialsGet401() {
    for (String path :
        new String[] {"/api/v1/namespaces/default/pods", "/apis", "/api/v1/secrets", "/metrics"}) {
      assertThat(curl("https://127.0.0.1:6443" + path).out())
          .as(path)
          .endsWith("401")
          .contains("Unauthorized");
    }
    assertThat(
            curl("-H", "Authorization: Bearer nonsense", "https://127.0.0.1:6443/api/v1/pods")
                .out())
        .endsWith("401");
    assertThat(curl("https://127.0.0.1:6443/readyz").out()).isEqualTo("ok\n200");
  }

  @Test
  void dataAndKeysAreTheAdministratorsAlone(TestCluster cluster) throws Exception {
    assertThat(Files.getPosixFilePermissions(cluster.data()))
        .hasToString("[OWNER_READ, OWNER_WRITE, OWNER_EXECUTE]");
    try (var files = Files.walk(cluster.data().resolve("pki"))) {
      assertThat(
              files
                  .filter(Files::isRegularFile)
                  .filter(file -> file.toString().endsWith(".key"))
                  .toList())
          .isNotEmpty()
          .allSatisfy(key ->
              assertThat(Files.getPosixFilePermissions(key))
                  .hasToString("[OWNER_READ, OWNER_WRITE]"));
    }
  }

  @Test
  void aPodSeesNothingOfTheAgent(TestCluster cluster) {
    cluster.kubectl("create", "namespace", "prying").succeeded();
    cluster
        .kubectlWith(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: prying, namespace: prying}
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 0
              containers:
                - name: main
                  image: host:///
                  command: [sh, -c, 'sleep 1000']
            """,
            "apply",
            "-f",
            "-")
        .succeeded();
    cluster
        .kubectl("-n", "prying", "wait", "--for=condition=Ready", "pod/prying", "--timeout=40s")
        .succeeded();
    Path data = cluster.data();
    for (String attempt :
        new String[] {
          "cat " + data + "/pki/ca.key",
          "cat /etc/shadow",
          "ls /root/.ssh",
          "mount -t tmpfs none /mnt",
          "nsenter -t 1 -m true",
          "ls -d " + data,
          "echo 0 > /proc/sys/vm/swappiness"
        }) {
      assertThat(
              cluster.kubectl("-n", "prying", "exec", "prying", "--", "sh", "-c", attempt).code())
          .as(attempt)
          .isNotZero();
    }
    String mark = "/usr/bin/coxswain-e2e-" + cluster.name();
    cluster
        .kubectl("-n", "prying", "exec", "prying", "--", "sh", "-c", "touch " + mark)
        .succeeded();
    assertThat(Path.of(mark)).as("what a pod writes to /usr stays its own").doesNotExist();
    assertThat(
            cluster
                .kubectl("-n", "prying", "exec", "prying", "--", "sh", "-c", "ls /proc")
                .out()
                .lines()
                .filter(name -> name.matches("[0-9]+")))
        .as("processes that it sees: its own, and those that look")
        .hasSizeLessThanOrEqualTo(4)
        .contains("1");
    String environment =
        cluster
            .kubectl("-n", "prying", "exec", "prying", "--", "cat", "/proc/1/environ")
            .succeeded()
            .out();
    assertThat(environment).doesNotContain("JAVA", "COXSWAIN", "LISTEN_");
    cluster.kubectl("delete", "namespace", "prying", "--timeout=60s").succeeded();
  }
}
