package io.coxswain.node.probe;

/// Probes of running containers. Safe for use by many threads.
public interface Probes extends AutoCloseable {

  /// Asks the container from now on until [#end]. Beginning twice is fine.
  void begin(ProbeTarget target, ProbeListener listener);

  void end(String containerId);

  @Override
  void close();
}
