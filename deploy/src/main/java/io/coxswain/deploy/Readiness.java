package io.coxswain.deploy;

import io.coxswain.node.host.Processes;
import io.coxswain.node.host.Processes.Command;
import io.coxswain.node.host.Processes.Outcome;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells systemd that the program is ready, when systemd waits for that (sd_notify(3)): a unit's
/// start then ends when the API answers, or says that it failed. By systemd's own program, since
/// Java has no datagrams between processes of one machine.
final class Readiness {

  private static final Logger log = LoggerFactory.getLogger(Readiness.class);

  /// Of systemd's socket. Not systemd's own name for it: container runtimes that find that take
  /// what they start for what systemd waits for.
  private static final String HERE = "COXSWAIN_NOTIFY_SOCKET";

  private static final String SYSTEMDS = "NOTIFY_SOCKET";

  private Readiness() {}

  /// Does nothing where nobody waits. Blocks until systemd has heard.
  ///
  /// @param environment of this process
  static void tell(Map<String, String> environment, Processes processes)
      throws InterruptedException {
    String socket = environment.get(HERE);
    if (socket == null) {
      return;
    }
    Command ready =
        Command.of("systemd-notify", "--ready").withEnvironment(Map.of(SYSTEMDS, socket));
    try {
      Outcome _ = processes.mustRun(ready);
    } catch (IOException e) {
      log.warn("systemd was not told that this is ready: {}", e.getMessage());
    }
  }
}
