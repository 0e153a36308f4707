package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// The tarball, unpacked somewhere: a cluster that runs on the runtime in it, whatever Java this
/// machine has.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(FailureLogs.class)
final class DistributionTest {

  private TestCluster cluster = TestCluster.prepared();
  private Path unpacked = cluster.home();

  @BeforeAll
  void unpack() throws IOException {
    Path target = cluster.home().resolve("deploy/target");
    List<Path> tarballs;
    try (Stream<Path> files = Files.list(target)) {
      tarballs = files.filter(file -> file.toString().endsWith(".tar.gz")).toList();
    }
    assertThat(tarballs).as("made by ./dev dist").hasSize(1);
    Path folder = Files.createDirectories(cluster.root().resolve("opt"));
    Command.run(
            Duration.ofMinutes(1),
            Map.of(),
            "",
            List.of("tar", "-xzf", tarballs.getFirst().toString(), "-C", folder.toString()))
        .succeeded();
    try (Stream<Path> files = Files.list(folder)) {
      unpacked = files.findFirst().orElseThrow();
    }
    cluster = TestCluster.unpacked(unpacked);
  }

  @AfterAll
  void down() {
    cluster.close();
  }

  @Test
  void runsOnItsOwnRuntime() throws IOException {
    String printed =
        cluster
            .coxswain("up", "-f", unpacked.resolve("manifests/hello.yaml").toString())
            .succeeded()
            .out();
    assertThat(printed).contains("deployment.apps/hello created").doesNotContain("building");
    assertThat(Files.readSymbolicLink(Path.of("/proc/" + cluster.pid("all-in-one") + "/exe")))
        .isEqualTo(unpacked.toRealPath().resolve("runtime/bin/java"));
    cluster.kubectl("rollout", "status", "deployment/hello", "--timeout=55s").succeeded();
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> assertThat(Http.get("127.0.0.1", 30080, "/")).isNotEmpty());
    assertThat(cluster.coxswain("status").succeeded().out()).contains("all-in-one   running");
  }
}
