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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  /// A cache that does not fit its runtime is passed over without a word, and one that was trained
  /// with too little work looks like any other: both only start slowly.
  @Test
  void theStartUpCacheHasTheClassesOfEveryRole() throws IOException {
    Path loaded = cluster.root().resolve("loaded.txt");
    Command.run(
            Duration.ofMinutes(1),
            Map.of("COXSWAIN_JAVA_FLAGS", "-Xlog:class+load:file=" + loaded + ":none"),
            "",
            List.of(unpacked.resolve("bin/coxswain").toString(), "version"))
        .succeeded();
    List<String> cached =
        Files.readAllLines(loaded).stream()
            .filter(line -> line.endsWith(" source: shared objects file"))
            .map(line -> line.substring(0, line.indexOf(' ')))
            .toList();
    assertThat(cached)
        .as("classes that need not be read from jars")
        .contains(
            "io.coxswain.controlplane.edge.ExchangeHandler",
            "io.coxswain.controlplane.link.ObjectsService",
            "io.coxswain.controlplane.storage.EtcdStore",
            "io.coxswain.controlplane.controller.deployment.DeploymentPlan",
            "io.coxswain.scheduler.cycle.Placement",
            "io.coxswain.scheduler.plugin.resources.NodeResourcesFit",
            "io.coxswain.node.podworker.PodWorker",
            "io.coxswain.node.service.RulesetDiff",
            "io.coxswain.node.dns.ClusterZone",
            "io.coxswain.node.runtime.Conmon");
  }

  /// Machine code in a cache would be that of the processor on which it was made, which no JVM
  /// looks at: on one with fewer instructions it would end at once.
  @ParameterizedTest
  @CsvSource({"coxswain,version", "kubectl-lite,help"})
  void theStartUpCacheRunsOnEveryProcessor(String program, String command) throws IOException {
    Path log = cluster.root().resolve(program + "-code.txt");
    Command.run(
            Duration.ofMinutes(1),
            Map.of(
                "JAVA_TOOL_OPTIONS",
                "-Xlog:aot+codecache*=debug,class+load:file=" + log + ":none:filecount=0"),
            "",
            List.of(unpacked.resolve("bin").resolve(program).toString(), command))
        .succeeded();
    assertThat(log)
        .content()
        .contains(" source: shared objects file")
        .doesNotContain("AOT code entries");
  }

  private Command.Result version(String flags) {
    return Command.run(
        Duration.ofMinutes(1),
        Map.of("COXSWAIN_JAVA_FLAGS", flags),
        "",
        List.of(unpacked.resolve("bin/coxswain").toString(), "version"));
  }

  @Test
  void flagsThatDoNotGoWithTheStartUpCacheAreTakenWithoutIt() {
    Command.Result result = version("-Xms64m -Xmn64m");
    assertThat(result.succeeded().out()).contains("coxswain ");
    assertThat(result.err()).contains("'-Xms64m -Xmn64m'", "cannot use the start-up cache");
    assertThat(version("-Xmx512m").succeeded().err()).isEmpty();
  }

  @Test
  void flagsThatJavaRefusesAreNamed() {
    Command.Result result = version("-Xmx512m -XX:NoSuchFlag");
    assertThat(result.code()).isNotZero();
    assertThat(result.err()).contains("'-Xmx512m -XX:NoSuchFlag'", "NoSuchFlag");
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
