package io.coxswain.controlplane.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.controlplane.consistency.ServerProcess;
import io.coxswain.controlplane.pki.Pki;
import io.coxswain.controlplane.storage.EtcdServer;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/// A server in a process of its own, on a real etcd, under a few thousand hostile requests over
/// TLS; `./dev bench fuzz` sends more of them, at the program as it is started by people. Which
/// ones is said by `-Dcoxswain.hostile.seed=7`; a failure names the number of each request, which
/// `-Dcoxswain.hostile.first=4711 -Dcoxswain.hostile.requests=1` sends again by itself.
@EnabledIf("io.coxswain.controlplane.storage.EtcdServer#installed")
class HostileInputTest {

  private static final long SEED = Long.getLong("coxswain.hostile.seed", 1);
  private static final long REQUESTS = Long.getLong("coxswain.hostile.requests", 6_000);
  private static final long FIRST = Long.getLong("coxswain.hostile.first", 0);
  private static final long BATCH = 3_000;

  @TempDir Path folder;

  @Test
  void whateverComesIsAnsweredAndWhatIsStoredCanBeReadAndNothingIsLeftOver() throws Exception {
    try (EtcdServer etcd = EtcdServer.start();
        ServerProcess server = ServerProcess.withControllers(folder, etcd)) {
      server.launch();
      Pki pki = Pki.open(folder.resolve("pki"), Clock.systemUTC());
      try (Target target = new Target(server.port(), pki)) {
        Siege siege = new Siege(target, server.pid(), new Siege.Plan(SEED, FIRST, REQUESTS, BATCH));
        siege.run();
        assertThat(siege.problems()).as("found by seed %d: %s", SEED, siege.told()).isEmpty();
        assertThat(siege.stored()).as("objects that got through").isGreaterThan(50);
      }
    }
  }
}
