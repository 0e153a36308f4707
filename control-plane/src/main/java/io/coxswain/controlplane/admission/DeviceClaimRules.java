package io.coxswain.controlplane.admission;

import io.coxswain.api.resource.v1.DeviceClaim;
import io.coxswain.api.resource.v1.DeviceClaimConfiguration;
import io.coxswain.api.resource.v1.DeviceConstraint;
import io.coxswain.api.resource.v1.DeviceRequest;
import io.coxswain.api.resource.v1.DeviceSelector;
import io.coxswain.api.resource.v1.DeviceSubRequest;
import io.coxswain.api.resource.v1.DeviceToleration;
import io.coxswain.api.resource.v1.ExactDeviceRequest;
import io.coxswain.api.resource.v1.ResourceClaimTemplateSpec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What holds for wishes for devices, in a claim and in a template of claims.
final class DeviceClaimRules {

  static final int MOST_REQUESTS = 32;
  private static final int MOST_ALTERNATIVES = 8;
  private static final int MOST_CONSTRAINTS = 32;

  /// Names of requests, with the names of what each would take instead.
  record Names(Map<String, Set<String>> known) {

    static Names of(DeviceClaim claim) {
      Map<String, Set<String>> known = new HashMap<>();
      for (DeviceRequest request : claim.getRequestsList()) {
        Set<String> alternatives = new HashSet<>();
        request.getFirstAvailableList().forEach(one -> alternatives.add(one.getName()));
        known.put(request.getName(), alternatives);
      }
      return new Names(known);
    }

    private boolean has(String name) {
      int slash = name.indexOf('/');
      return slash < 0
          ? known.containsKey(name)
          : known
              .getOrDefault(name.substring(0, slash), Set.of())
              .contains(name.substring(slash + 1));
    }

    /// A reference to a request, or to one of its alternatives.
    void reference(String name, String at, Problems problems) {
      String[] parts = name.split("/", -1);
      if (parts.length <= 2) {
        for (String part : parts) {
          DeviceParts.label(part, at, problems);
        }
      }
      if (parts.length > 2 || !has(name)) {
        problems.invalid(
            at,
            name,
            "must be the name of a request in the claim or the name of a request and a subrequest"
                + " separated by '/'");
      }
    }

    void references(List<String> names, String path, Problems problems) {
      if (!DeviceParts.fits(names.size(), MOST_REQUESTS, path, problems)) {
        return;
      }
      Set<String> seen = new HashSet<>();
      for (int i = 0; i < names.size(); i++) {
        String at = path + "[" + i + "]";
        reference(names.get(i), at, problems);
        if (!seen.add(names.get(i))) {
          problems.duplicate(at, names.get(i));
        }
      }
    }
  }

  private DeviceClaimRules() {}

  static void check(ResourceClaimTemplateSpec spec, Problems problems) {
    MetadataRules.labels(spec.getMetadata().getLabelsMap(), "spec.metadata.labels", problems);
    MetadataRules.annotations(
        spec.getMetadata().getAnnotationsMap(), "spec.metadata.annotations", problems);
    check(spec.getSpec().getDevices(), "spec.spec.devices", problems);
  }

  static void check(DeviceClaim claim, String path, Problems problems) {
    requests(claim.getRequestsList(), path + ".requests", problems);
    Names names = Names.of(claim);
    String at = path + ".constraints";
    if (DeviceParts.fits(claim.getConstraintsCount(), MOST_CONSTRAINTS, at, problems)) {
      for (int i = 0; i < claim.getConstraintsCount(); i++) {
        constraint(claim.getConstraints(i), names, at + "[" + i + "]", problems);
      }
    }
    at = path + ".config";
    if (DeviceParts.fits(claim.getConfigCount(), DeviceParts.MOST_CONFIGURATIONS, at, problems)) {
      for (int i = 0; i < claim.getConfigCount(); i++) {
        DeviceClaimConfiguration one = claim.getConfig(i);
        names.references(one.getRequestsList(), at + "[" + i + "].requests", problems);
        DeviceParts.configuration(one.getDeviceConfiguration(), at + "[" + i + "]", problems);
      }
    }
  }

  private static void requests(List<DeviceRequest> requests, String path, Problems problems) {
    if (!DeviceParts.fits(requests.size(), MOST_REQUESTS, path, problems)) {
      return;
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < requests.size(); i++) {
      String at = path + "[" + i + "]";
      request(requests.get(i), at, problems);
      if (!names.add(requests.get(i).getName())) {
        problems.duplicate(at, requests.get(i).getName());
      }
    }
  }

  private static void request(DeviceRequest request, String at, Problems problems) {
    DeviceParts.label(request.getName(), at + ".name", problems);
    boolean several = request.getFirstAvailableCount() > 0;
    if (several && request.hasExactly()) {
      problems.invalidJson(
          at,
          "null",
          "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set");
    } else if (several) {
      alternatives(request.getFirstAvailableList(), at + ".firstAvailable", problems);
    } else if (request.hasExactly()) {
      exactly(request.getExactly(), at + ".exactly", problems);
    } else {
      problems.required(at, "exactly one of `exactly` or `firstAvailable` is required");
    }
  }

  private static void alternatives(
      List<DeviceSubRequest> requests, String path, Problems problems) {
    if (!DeviceParts.fits(requests.size(), MOST_ALTERNATIVES, path, problems)) {
      return;
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < requests.size(); i++) {
      DeviceSubRequest request = requests.get(i);
      String at = path + "[" + i + "]";
      DeviceParts.label(request.getName(), at + ".name", problems);
      devices(
          request.getSelectorsList(),
          request.getAllocationMode(),
          request.getCount(),
          request.getTolerationsList(),
          at,
          problems);
      if (!names.add(request.getName())) {
        problems.duplicate(at, request.getName());
      }
    }
  }

  private static void exactly(ExactDeviceRequest request, String at, Problems problems) {
    devices(
        request.getSelectorsList(),
        request.getAllocationMode(),
        request.getCount(),
        request.getTolerationsList(),
        at,
        problems);
  }

  private static void devices(
      List<DeviceSelector> selectors,
      String mode,
      long count,
      List<DeviceToleration> tolerations,
      String at,
      Problems problems) {
    DeviceParts.selectors(selectors, at + ".selectors", problems);
    if (mode.equals("All") && count != 0) {
      problems.invalid(at + ".count", count, "must not be specified when allocationMode is 'All'");
    } else if (mode.equals("ExactCount") && count <= 0) {
      problems.invalid(at + ".count", count, "must be greater than zero");
    }
    for (int i = 0; i < tolerations.size(); i++) {
      DeviceParts.toleration(tolerations.get(i), at + ".tolerations[" + i + "]", problems);
    }
  }

  private static void constraint(
      DeviceConstraint constraint, Names names, String at, Problems problems) {
    names.references(constraint.getRequestsList(), at + ".requests", problems);
    if (constraint.hasMatchAttribute()) {
      DeviceParts.fullyQualified(constraint.getMatchAttribute(), at + ".matchAttribute", problems);
    } else if (constraint.hasDistinctAttribute()) {
      DeviceParts.fullyQualified(
          constraint.getDistinctAttribute(), at + ".distinctAttribute", problems);
    } else {
      problems.required(
          at,
          "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple"
              + " fields are set");
    }
  }
}
