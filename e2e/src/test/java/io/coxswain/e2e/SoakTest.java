package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The soak: a short one among the other suites, always of the same seed; a long one by `./dev
/// soak`.
@ExtendWith(FailureLogs.class)
final class SoakTest {

  private static final double MINUTES =
      Double.parseDouble(System.getProperty("soak.minutes", "1.5"));

  /// Its first twenty-six draws are nearly all that is done to a cluster from outside: among them
  /// ends of monitors, agents, the server, etcd, a supervisor and a whole node, a disk that is full
  /// to the last byte, and a link that is cut for longer than a node may be silent.
  private static final long SEED = Long.getLong("soak.seed", 12_860);

  @Test
  void nothingIsLeftOver() throws Exception {
    try (SoakLog log = new SoakLog(Path.of("target", "soak-" + SEED + ".log"));
        SoakCluster cluster = SoakCluster.up()) {
      log.say("seed %d, %s minutes; this is kept in %s", SEED, MINUTES, log.file());
      List<String> found =
          new Soak(cluster, log, SEED).run(Duration.ofSeconds((long) (MINUTES * 60)));
      found.forEach(one -> log.say("FOUND: %s", one));
      log.say("seed %d: %d found", SEED, found.size());
      assertThat(found).as("seed %d", SEED).isEmpty();
    }
  }
}
