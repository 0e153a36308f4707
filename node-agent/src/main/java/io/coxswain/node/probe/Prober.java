package io.coxswain.node.probe;

import io.coxswain.api.core.v1.Probe;
import io.coxswain.api.core.v1.ProbeHandler;
import java.io.IOException;
import java.time.Duration;

/// Asks once, whatever the way.
public interface Prober {

  /// What came of it.
  ///
  /// @param message for a person; empty on success
  record Answer(boolean ok, String message) {
    public static final Answer OK = new Answer(true, "");

    static Answer failed(String message) {
      return new Answer(false, message);
    }
  }

  /// Blocks until answered or the time is over, which is a failure.
  Answer ask(ProbeTarget target, ProbeHandler handler, Duration timeout)
      throws InterruptedException, IOException;

  default Answer ask(ProbeTarget target, Probe probe) throws InterruptedException {
    try {
      return ask(
          target, probe.getHandler(), Duration.ofSeconds(Math.max(1, probe.getTimeoutSeconds())));
    } catch (IOException e) {
      return Answer.failed(String.valueOf(e.getMessage()));
    }
  }
}
