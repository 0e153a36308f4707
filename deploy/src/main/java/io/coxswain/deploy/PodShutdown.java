package io.coxswain.deploy;

import io.coxswain.node.host.Processes;
import io.coxswain.node.host.Processes.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether a node's containers are to end with its agent. By themselves they go on: an agent is
/// ended to be started anew. They end when the machine goes down, and when whoever ends the agent
/// has said so by a file, as `coxswain down` does.
///
/// That the machine goes down is systemd's word (systemctl(1), `is-system-running`). At the very
/// end systemd answers no more and its last program runs in its place (systemd-shutdown(8)).
final class PodShutdown {

  private static final Logger log = LoggerFactory.getLogger(PodShutdown.class);

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /// The kernel keeps fifteen characters of a name.
  private static final String LAST_PROGRAM = "systemd-shutdow";

  private final Path asked;
  private final Processes processes;
  private final Path firstProcess;

  /// @param run folder of the agent, where the file `end-pods` says that its containers are to end
  static PodShutdown ofMachine(Path run, Processes processes) {
    return new PodShutdown(run, processes, Path.of("/proc/1/comm"));
  }

  /// @param firstProcess where the kernel says what the machine's first process runs
  PodShutdown(Path run, Processes processes, Path firstProcess) {
    this.asked = run.resolve("end-pods");
    this.processes = processes;
    this.firstProcess = firstProcess;
  }

  /// What was asked of an agent before is over.
  void forget() throws IOException {
    boolean _ = Files.deleteIfExists(asked);
  }

  /// Blocks for some seconds at the most. Where nobody knows, they go on.
  boolean isDue() throws InterruptedException {
    return Files.exists(asked) || isMachineGoingDown();
  }

  private boolean isMachineGoingDown() throws InterruptedException {
    try {
      if (Files.readString(firstProcess).strip().equals(LAST_PROGRAM)) {
        return true;
      }
      Command ask = Command.of("systemctl", "is-system-running").within(PATIENCE);
      return processes.run(ask).out().strip().equals("stopping");
    } catch (IOException e) {
      log.debug("nobody says whether the machine goes down", e);
      return false;
    }
  }
}
