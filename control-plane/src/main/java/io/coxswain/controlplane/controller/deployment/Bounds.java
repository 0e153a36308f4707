package io.coxswain.controlplane.controller.deployment;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.RollingUpdateDeployment;
import io.coxswain.api.intstr.IntOrString;
import io.coxswain.controlplane.controller.framework.IntOrPercent;

/// How far a rollout may go from the size that was asked for.
///
/// @param surge pods above it
/// @param unavailable available pods below it
record Bounds(int replicas, int surge, int unavailable) {

  private static final IntOrString QUARTER =
      IntOrString.newBuilder().setType(1).setStrVal("25%").build();

  /// Shares of `maxSurge` are rounded up, of `maxUnavailable` down. Were both nothing, no rollout
  /// could move: one pod may then be unavailable. Recreate has no surge and no availability.
  static Bounds of(Deployment deployment) {
    int replicas = deployment.getSpec().getReplicas();
    if (isRecreate(deployment)) {
      return new Bounds(replicas, 0, replicas);
    }
    RollingUpdateDeployment rolling = deployment.getSpec().getStrategy().getRollingUpdate();
    int surge =
        IntOrPercent.ceiling(rolling.hasMaxSurge() ? rolling.getMaxSurge() : QUARTER, replicas);
    int unavailable =
        IntOrPercent.floor(
            rolling.hasMaxUnavailable() ? rolling.getMaxUnavailable() : QUARTER, replicas);
    if (surge == 0 && unavailable == 0) {
      unavailable = 1;
    }
    return new Bounds(replicas, surge, Math.min(unavailable, replicas));
  }

  static boolean isRecreate(Deployment deployment) {
    return deployment.getSpec().getStrategy().getType().equals("Recreate");
  }

  /// The most pods that may be there at once.
  int most() {
    return replicas + surge;
  }

  /// The fewest pods that must be available.
  int fewestAvailable() {
    return replicas - unavailable;
  }
}
