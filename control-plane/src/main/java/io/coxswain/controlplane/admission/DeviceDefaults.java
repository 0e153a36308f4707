package io.coxswain.controlplane.admission;

import io.coxswain.api.resource.v1.Device;
import io.coxswain.api.resource.v1.DeviceClaim;
import io.coxswain.api.resource.v1.DeviceRequest;
import io.coxswain.api.resource.v1.DeviceSubRequest;
import io.coxswain.api.resource.v1.ExactDeviceRequest;
import io.coxswain.api.resource.v1.ResourceSliceSpec;
import io.coxswain.client.codec.Quantities;

/// What claims and slices of devices mean where they say nothing.
final class DeviceDefaults {

  private static final String EXACT_COUNT = "ExactCount";

  private DeviceDefaults() {}

  /// Who wants devices by number wants one.
  static void complete(DeviceClaim.Builder claim) {
    for (DeviceRequest.Builder request : claim.getRequestsBuilderList()) {
      if (request.hasExactly()) {
        ExactDeviceRequest.Builder one = request.getExactlyBuilder();
        if (one.getAllocationMode().equals(EXACT_COUNT) && one.getCount() == 0) {
          one.setCount(1);
        }
      }
      for (DeviceSubRequest.Builder one : request.getFirstAvailableBuilderList()) {
        if (one.getAllocationMode().equals(EXACT_COUNT) && one.getCount() == 0) {
          one.setCount(1);
        }
      }
    }
  }

  static void complete(ResourceSliceSpec.Builder spec) {
    for (Device.Builder device : spec.getDevicesBuilderList()) {
      device
          .getNodeAllocatableResourceMappingsMap()
          .forEach((name, mapping) -> {
            if (!mapping.hasAllocationMultiplier()) {
              device.putNodeAllocatableResourceMappings(
                  name, mapping.toBuilder().setAllocationMultiplier(Quantities.of("1")).build());
            }
          });
    }
  }
}
