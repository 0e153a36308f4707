package io.coxswain.simulation;

/// A process ends here, between any two of its instructions. An error, so that no code under test
/// takes it for something to recover from.
final class Crash extends Error {

  private static final long serialVersionUID = 1;

  Crash() {
    super("killed by the simulation", null, false, false);
  }
}
