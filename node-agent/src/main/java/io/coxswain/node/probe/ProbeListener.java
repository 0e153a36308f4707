package io.coxswain.node.probe;

/// Hears what probes found, on their threads.
public interface ProbeListener {

  /// The startup probe succeeded: the others begin.
  void started(ProbeTarget target);

  void ready(ProbeTarget target, boolean ready);

  /// The container must be ended.
  ///
  /// @param why for the event and a person, as `Liveness probe failed: …`
  void unhealthy(ProbeTarget target, String why);

  /// One answer was a failure; nothing follows from it yet.
  void failed(ProbeTarget target, String message);
}
