package io.coxswain.controlplane;

import io.coxswain.controlplane.fairness.Fairness;

/// How requests are to be served.
///
/// @param seats requests of ordinary size that are worked on at once; priority levels share them
public record ServingOptions(int seats) {

  public static final ServingOptions DEFAULT = new ServingOptions(Fairness.SEATS);
}
