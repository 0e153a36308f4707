package io.coxswain.controlplane.registry;

/// Configurations of admission: the next write after one was answered is already judged by it.
final class ObeyedStrategy implements Strategy {

  @Override
  public boolean showsAtOnce() {
    return true;
  }

  @Override
  public StatusMetadata writtenWithStatus() {
    return StatusMetadata.NOTHING;
  }
}
