package io.coxswain.controlplane.admission.plugin;

/// What quotas were charged for a write that is still to be made.
public interface Charge {

  Charge NOTHING = () -> {};

  /// The write was not made. Blocks while the store writes.
  void giveBack();
}
