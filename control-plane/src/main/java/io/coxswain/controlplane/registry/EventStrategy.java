package io.coxswain.controlplane.registry;

import java.time.Duration;

/// Events are news: they go after an hour.
record EventStrategy(Duration timeToLive) implements Strategy {

  @Override
  public boolean countsGenerations() {
    return false;
  }

  @Override
  public boolean createsOnUpdate() {
    return true;
  }
}
