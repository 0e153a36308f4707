package io.coxswain.controlplane.registry;

/// Kinds from before garbage collection: what they own stays, unless their deleter says otherwise.
final class OrphaningStrategy implements Strategy {

  @Override
  public boolean orphansByDefault() {
    return true;
  }
}
