package io.coxswain.node.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LinuxDaemonsTest {

  @TempDir Path folder;
  private PidfdWatch watch;
  private LinuxDaemons daemons;

  @BeforeEach
  void open() throws Exception {
    watch = new PidfdWatch();
    daemons = new LinuxDaemons(watch);
  }

  @AfterEach
  void close() {
    watch.close();
  }

  @Test
  void aDaemonHasItsWordItsFolderItsEnvironmentAndNothingElse() throws Exception {
    Path word = folder.resolve("word");
    String script =
        "n=4; while [ $n -lt 500 ]; do [ ! -e /proc/$$/fd/$n ] || echo open $n >&3; n=$((n+1)); done;"
            + " echo $PWD $A >&3";
    int pid;
    try (Fifo fifo = Fifo.create(word)) {
      pid = daemons.start(daemon(script, word));
      try (BufferedReader reader =
          new BufferedReader(new InputStreamReader(fifo.listen(), StandardCharsets.UTF_8))) {
        assertThat(reader.readLine()).isEqualTo(folder + " b");
      }
    }
    await().until(() -> Files.notExists(Path.of("/proc/" + pid)));
  }

  private Daemons.Daemon daemon(String script, Path word) {
    return new Daemons.Daemon(
        List.of("/bin/sh", "-c", script), List.of("A=b", "PATH=/bin:/usr/bin"), folder, word);
  }

  @Test
  void aProgramThatIsNotThereSaysSo() throws Exception {
    Path word = folder.resolve("word");
    try (Fifo _ = Fifo.create(word)) {
      Daemons.Daemon daemon =
          new Daemons.Daemon(List.of("/no/such", "word"), List.of(), folder, word);
      assertThatThrownBy(() -> daemons.start(daemon))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("/no/such");
    }
  }

  @Test
  void aSealedCopyRunsAndCannotBeWritten() throws Exception {
    Path copy = SealedProgram.of(Path.of("/bin/sh"));
    Processes.Outcome outcome =
        new HostProcesses().run(Processes.Command.of(copy.toString(), "-c", "echo works"));
    assertThat(outcome.out()).isEqualTo("works\n");
    assertThatThrownBy(() -> Files.write(copy, new byte[] {1})).isInstanceOf(IOException.class);
  }
}
