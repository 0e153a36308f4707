package io.coxswain.controlplane.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.controlplane.server.HealthChecks.Health;
import java.util.Set;
import java.util.stream.Stream;
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
        new Case("/livez", Set.of(), Health.HEALTHY, "[+]ping ok\nlivez check passed\n"),
        new Case(
            "/readyz",
            Set.of(),
            Health.FAILED,
            """
            [+]ping ok
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
}
