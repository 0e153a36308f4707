package io.coxswain.node.host;

/// Tells when processes end that are not the agent's children. Costs nothing while they run.
public interface ProcessWatch extends AutoCloseable {

  /// Calls `ended` once when the process is no more, at once if it is not there now. The call comes
  /// on a thread that must not be held up.
  void whenEnded(int pid, Runnable ended);

  @Override
  void close();
}
