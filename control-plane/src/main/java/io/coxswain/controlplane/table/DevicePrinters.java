package io.coxswain.controlplane.table;

import io.coxswain.api.resource.v1.ResourceClaim;
import io.coxswain.api.resource.v1.ResourceSlice;
import java.util.ArrayList;
import java.util.List;

/// How devices that are claimed and offered are shown.
final class DevicePrinters {

  private DevicePrinters() {}

  static Printer<ResourceClaim> claims() {
    return Printers.start(ResourceClaim.class)
        .text("State", DevicePrinters::state)
        .timed("Age", Printers::age);
  }

  private static String state(ResourceClaim claim) {
    List<String> states = new ArrayList<>();
    boolean deleted = claim.getMetadata().hasDeletionTimestamp();
    if (deleted) {
      states.add("deleted");
    }
    if (claim.getStatus().hasAllocation()) {
      states.add("allocated");
      if (claim.getStatus().getReservedForCount() > 0) {
        states.add("reserved");
      }
    } else if (!deleted) {
      states.add("pending");
    }
    return String.join(",", states);
  }

  static Printer<ResourceSlice> slices() {
    return Printers.start(ResourceSlice.class)
        .text("Node", slice -> slice.getSpec().getNodeName())
        .text("Driver", slice -> slice.getSpec().getDriver())
        .text("Pool", slice -> slice.getSpec().getPool().getName())
        .timed("Age", Printers::age);
  }
}
