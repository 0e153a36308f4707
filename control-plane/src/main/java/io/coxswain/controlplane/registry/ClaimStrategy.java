package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.resource.v1.ResourceClaim;
import io.coxswain.controlplane.admission.Defaults;
import io.coxswain.controlplane.admission.DeviceStatusRules;

/// Claims of devices never change what they want, and so count no generations. With an allocation
/// goes what was told of its devices.
final class ClaimStrategy implements Strategy {

  @Override
  public boolean countsGenerations() {
    return false;
  }

  @Override
  public StatusMetadata writtenWithStatus() {
    return StatusMetadata.NOTHING;
  }

  @Override
  public Message prepareStatusUpdate(String part, Message before, Message after) {
    ResourceClaim claim = Defaults.apply((ResourceClaim) after);
    if (!claim.hasStatus()) {
      return claim;
    }
    return claim.toBuilder()
        .setStatus(
            DeviceStatusRules.withoutReleased(
                ((ResourceClaim) before).getStatus(), claim.getStatus()))
        .build();
  }
}
