package io.coxswain.scheduler.framework;

import io.coxswain.scheduler.snapshot.PodInfo;

/// Hears of a decision before it is carried out, and when it could not be.
public interface ReservePlugin extends Plugin {

  void reserve(PodInfo pod, String node);

  /// Called also for a decision that it was not told of; must not throw.
  void unreserve(PodInfo pod, String node);
}
