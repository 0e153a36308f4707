package io.coxswain.controlplane.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.controlplane.server.HealthChecks.Health;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A server that lives, whose store is lost.
class HealthChecksTest {

  private final HealthChecks checks =
      new HealthChecks().ready("etcd", () -> false).ready("informer-sync", () -> true);

  record Case(String path, Set<String> excluded, Health health, String text) {
    @Override
    public String toString() {
      return path + " without " + excluded;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case("/livez", Set.of(), Health.HEALTHY, "[+]ping ok\n[+]log ok\nlivez check passed\n"),
        new Case(
            "/readyz",
            Set.of(),
            Health.FAILED,
            """
            [+]ping ok
            [+]log ok
            [-]etcd failed: reason withheld
            [+]informer-sync ok
            readyz check failed
            """),
        new Case(
            "/healthz",
            Set.of(),
            Health.FAILED,
            """
            [+]ping ok
            [+]log ok
            [-]etcd failed: reason withheld
            [+]informer-sync ok
            healthz check failed
            """),
        new Case(
            "/readyz",
            Set.of("etcd"),
            Health.HEALTHY,
            """
            [+]ping ok
            [+]log ok
            [+]etcd excluded: ok
            [+]informer-sync ok
            readyz check passed
            """),
        new Case(
            "/livez",
            Set.of("nope"),
            Health.HEALTHY,
            """
            [+]ping ok
            [+]log ok
            warn: some health checks cannot be excluded: no matches for nope
            livez check passed
            """),
        new Case(
            "/readyz/informer-sync",
            Set.of(),
            Health.HEALTHY,
            "[+]informer-sync ok\nreadyz check passed\n"),
        new Case(
            "/readyz/etcd",
            Set.of(),
            Health.FAILED,
            "[-]etcd failed: reason withheld\nreadyz check failed\n"),
        new Case("/livez/etcd", Set.of(), Health.UNKNOWN_CHECK, ""));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void tellsWhatItLookedAt(Case given) {
    assertThat(checks.report(given.path(), given.excluded()))
        .isEqualTo(new HealthChecks.Report(given.health(), given.text()));
  }

  @Test
  void aStepOfTheStartFailsUntilItIsDone() {
    AtomicBoolean done = new AtomicBoolean();
    HealthChecks starting = new HealthChecks().hooks(done::get, List.of("rbac/bootstrap-roles"));
    String path = "/readyz/poststarthook/rbac/bootstrap-roles";
    assertThat(starting.report(path, Set.of()).health()).isEqualTo(Health.FAILED);
    done.set(true);
    assertThat(starting.report(path, Set.of()).health()).isEqualTo(Health.HEALTHY);
    assertThat(starting.report("/livez", Set.of()).text())
        .contains("[+]poststarthook/rbac/bootstrap-roles ok\n");
  }

  @Test
  void howChecksCameOutIsCounted() {
    var _ = checks.report("/readyz", Set.of());
    var _ = checks.report("/readyz/etcd", Set.of());
    var _ = checks.report("/livez", Set.of("log"));
    assertThat(checks.figures().lines().filter(line -> !line.startsWith("process")))
        .contains(
            "# TYPE kubernetes_healthcheck gauge",
            "kubernetes_healthcheck{name=\"etcd\",type=\"readyz\"} 0",
            "kubernetes_healthcheck{name=\"ping\",type=\"livez\"} 1",
            "# TYPE kubernetes_healthchecks_total counter",
            "kubernetes_healthchecks_total{name=\"etcd\",type=\"readyz\",status=\"error\"} 2",
            "kubernetes_healthchecks_total{name=\"ping\",type=\"readyz\",status=\"success\"} 1")
        .noneMatch(line -> line.contains("name=\"log\",type=\"livez\""));
  }
}
