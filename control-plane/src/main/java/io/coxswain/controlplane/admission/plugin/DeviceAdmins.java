package io.coxswain.controlplane.admission.plugin;

import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.resource.v1.DeviceClaim;
import io.coxswain.api.resource.v1.DeviceRequestAllocationResult;
import io.coxswain.api.resource.v1.ResourceClaim;
import io.coxswain.api.resource.v1.ResourceClaimTemplate;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import java.util.List;
import java.util.Set;

/// Devices that others use are claimed, to look after them, only in namespaces that are marked for
/// it (KEP-5018).
final class DeviceAdmins implements AdmissionPlugin {

  private static final String LABEL = "resource.kubernetes.io/admin-access";

  @Override
  public Set<String> kinds() {
    return Set.of("resourceclaims.resource.k8s.io", "resourceclaimtemplates.resource.k8s.io");
  }

  @Override
  public void validate(AdmissionRequest request, StoredObjects objects) {
    if (!request.creates()) {
      return; // what is wanted does not change
    }
    DeviceClaim claim =
        request.object() instanceof ResourceClaimTemplate template
            ? template.getSpec().getSpec().getDevices()
            : ((ResourceClaim) request.object()).getSpec().getDevices();
    for (int i = 0; i < claim.getRequestsCount(); i++) {
      if (claim.getRequests(i).getExactly().getAdminAccess()) {
        requireMark("spec.devices.requests[" + i + "].adminAccess", request, objects);
        return;
      }
    }
  }

  @Override
  public void validateStatus(AdmissionRequest request, StoredObjects objects) {
    ResourceClaim before = (ResourceClaim) request.before().orElseThrow();
    List<DeviceRequestAllocationResult> results = results((ResourceClaim) request.object());
    if (results(before).stream().anyMatch(DeviceRequestAllocationResult::getAdminAccess)) {
      return; // what was allocated does not change
    }
    for (int i = 0; i < results.size(); i++) {
      if (results.get(i).getAdminAccess()) {
        String at = "status.allocation.devices.results[" + i + "].adminAccess";
        requireMark(at, request, objects);
        return;
      }
    }
  }

  private static List<DeviceRequestAllocationResult> results(ResourceClaim claim) {
    return claim.getStatus().getAllocation().getDevices().getResultsList();
  }

  private static void requireMark(String at, AdmissionRequest request, StoredObjects objects) {
    boolean marked =
        objects
            .find(Namespace.class, "", request.namespace())
            .filter(home -> home.getMetadata().getLabelsOrDefault(LABEL, "").equals("true"))
            .isPresent();
    if (!marked) {
      ApiError.Cause cause =
          new ApiError.Cause(
              "FieldValueForbidden",
              at,
              "Forbidden: admin access to devices requires the `"
                  + LABEL
                  + ": true` label on the containing namespace");
      throw new ApiException(
          ApiError.Invalid.of(
              request.type().group(), request.type().kind(), request.name(), List.of(cause)));
    }
  }
}
