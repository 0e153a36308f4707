package io.coxswain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.node.host.Processes.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodShutdownTest {

  @TempDir Path folder;
  private Path first = Path.of("");
  private Outcome answer = new Outcome(0, "running\n", "");

  @BeforeEach
  void machine() throws IOException {
    first = Files.writeString(folder.resolve("comm"), "systemd\n");
  }

  private PodShutdown shutdown() {
    return new PodShutdown(
        folder,
        command -> {
          assertThat(command.arguments()).containsExactly("systemctl", "is-system-running");
          if (answer.exit() == 127) {
            throw new IOException("no such program");
          }
          return answer;
        },
        first);
  }

  @Test
  void anAgentIsEndedToBeStartedAnew() throws Exception {
    assertThat(shutdown().isDue()).isFalse();
    answer = new Outcome(1, "degraded\n", "");
    assertThat(shutdown().isDue()).isFalse();
    answer = new Outcome(1, "offline\n", "");
    assertThat(shutdown().isDue()).isFalse();
  }

  @Test
  void aMachineThatStopsEndsItsPods() throws Exception {
    answer = new Outcome(1, "stopping\n", "");
    assertThat(shutdown().isDue()).isTrue();
  }

  @Test
  void atTheVeryEndSystemdIsAnotherProgram() throws Exception {
    answer = new Outcome(1, "", "Failed to connect to bus\n");
    Path _ = Files.writeString(first, "systemd-shutdow\n");
    assertThat(shutdown().isDue()).isTrue();
  }

  @Test
  void withoutSystemdNobodyKnows() throws Exception {
    answer = new Outcome(127, "", "");
    assertThat(shutdown().isDue()).isFalse();
    Files.delete(first);
    assertThat(shutdown().isDue()).isFalse();
  }

  @Test
  void whoeverEndsTheAgentMaySaySoUntilTheNextOne() throws Exception {
    Path _ = Files.createFile(folder.resolve("end-pods"));
    assertThat(shutdown().isDue()).isTrue();
    shutdown().forget();
    assertThat(shutdown().isDue()).isFalse();
    shutdown().forget();
  }
}
