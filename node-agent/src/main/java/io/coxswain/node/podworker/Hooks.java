package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.LifecycleHandler;
import io.coxswain.api.core.v1.ProbeHandler;
import io.coxswain.node.probe.ProbeTarget;
import io.coxswain.node.probe.Prober;
import java.io.IOException;
import java.time.Duration;

/// `postStart` and `preStop`.
final class Hooks {

  private final Prober prober;

  Hooks(Prober prober) {
    this.prober = prober;
  }

  /// Runs the hook to its end. Blocks for `patience` at most.
  ///
  /// @throws IOException when it failed; the message says how
  void run(ProbeTarget target, LifecycleHandler hook, Duration patience)
      throws IOException, InterruptedException {
    if (hook.hasSleep()) {
      Duration wanted = Duration.ofSeconds(hook.getSleep().getSeconds());
      Thread.sleep(wanted.compareTo(patience) < 0 ? wanted : patience);
      return;
    }
    ProbeHandler.Builder handler = ProbeHandler.newBuilder();
    if (hook.hasExec()) {
      handler.setExec(hook.getExec());
    } else if (hook.hasHttpGet()) {
      handler.setHttpGet(hook.getHttpGet());
    } else if (hook.hasTcpSocket()) {
      handler.setTcpSocket(hook.getTcpSocket());
    } else {
      return;
    }
    Prober.Answer answer = prober.ask(target, handler.build(), patience);
    if (!answer.ok()) {
      throw new IOException(answer.message());
    }
  }
}
