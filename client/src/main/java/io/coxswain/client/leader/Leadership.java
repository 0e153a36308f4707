package io.coxswain.client.leader;

/// What a candidate does when it leads. Called from the elector's thread, so both must return soon:
/// start and stop, do not work here.
public interface Leadership {

  /// @param term grows with every change of leader: a fence for writes
  void gained(long term);

  /// Stop at once: another may begin.
  void lost();
}
