package io.coxswain.controlplane.registry;

/// Kinds whose objects hold no wish that somebody works towards, and so count no generations.
///
/// @param createsOnUpdate whether an update makes what is not there
record UncountedStrategy(boolean createsOnUpdate) implements Strategy {

  @Override
  public boolean countsGenerations() {
    return false;
  }
}
