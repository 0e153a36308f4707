package io.coxswain.controlplane.registry;

/// A node says how it is when it joins.
final class NodeStrategy implements Strategy {

  @Override
  public boolean keepsStatusOnCreate() {
    return true;
  }

  @Override
  public boolean countsGenerations() {
    return false;
  }
}
