package io.coxswain.controlplane;

import io.coxswain.controlplane.audit.AuditOptions;
import io.coxswain.controlplane.fairness.Fairness;

/// How requests are to be served.
///
/// @param seats requests of ordinary size that are worked on at once; priority levels share them
/// @param audit whether and where it is written down who asked for what
public record ServingOptions(int seats, AuditOptions audit) {

  public static final ServingOptions DEFAULT = new ServingOptions(Fairness.SEATS, AuditOptions.OFF);

  public ServingOptions withSeats(int count) {
    return new ServingOptions(count, audit);
  }

  public ServingOptions audited(AuditOptions how) {
    return new ServingOptions(seats, how);
  }
}
