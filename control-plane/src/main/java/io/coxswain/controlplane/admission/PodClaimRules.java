package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.PodResourceClaim;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceClaim;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What holds for the claims of devices that a pod names, and for those of its containers.
final class PodClaimRules {

  private PodClaimRules() {}

  static void check(PodSpec spec, String path, Problems problems) {
    Set<String> names = new TreeSet<>();
    for (int i = 0; i < spec.getResourceClaimsCount(); i++) {
      check(spec.getResourceClaims(i), names, path + ".resourceClaims[" + i + "]", problems);
    }
    containers(spec.getContainersList(), names, path + ".containers", problems);
    containers(spec.getInitContainersList(), names, path + ".initContainers", problems);
  }

  private static void check(
      PodResourceClaim claim, Set<String> names, String at, Problems problems) {
    String name = claim.getName();
    if (name.isEmpty()) {
      problems.required(at + ".name");
    } else if (names.add(name)) {
      DeviceParts.label(name, at + ".name", problems);
    } else {
      problems.duplicate(at + ".name", name);
    }
    if (claim.hasResourceClaimName() && claim.hasResourceClaimTemplateName()) {
      problems.invalidJson(
          at,
          SchemaRules.shown(claim),
          "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
    } else if (!claim.hasResourceClaimName() && !claim.hasResourceClaimTemplateName()) {
      problems.invalidJson(
          at,
          SchemaRules.shown(claim),
          "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
    }
    if (claim.hasResourceClaimName()) {
      object(claim.getResourceClaimName(), at + ".resourceClaimName", problems);
    }
    if (claim.hasResourceClaimTemplateName()) {
      object(claim.getResourceClaimTemplateName(), at + ".resourceClaimTemplateName", problems);
    }
  }

  private static void object(String name, String at, Problems problems) {
    Names.subdomain(name).ifPresent(detail -> problems.invalid(at, name, detail));
  }

  private static void containers(
      List<Container> containers, Set<String> names, String path, Problems problems) {
    for (int i = 0; i < containers.size(); i++) {
      uses(
          containers.get(i).getResources().getClaimsList(),
          names,
          path + "[" + i + "].resources.claims",
          problems);
    }
  }

  /// A claim as a whole, or some of its requests, and nothing twice.
  private static void uses(
      List<ResourceClaim> claims, Set<String> names, String path, Problems problems) {
    Set<String> used = new HashSet<>();
    for (int i = 0; i < claims.size(); i++) {
      String at = path + "[" + i + "]";
      String name = claims.get(i).getName();
      String request = claims.get(i).getRequest();
      if (name.isEmpty()) {
        problems.required(at);
        continue;
      }
      if (!request.isEmpty()) {
        DeviceParts.label(request, at + ".request", problems);
      }
      String key = request.isEmpty() ? name : name + "/" + request;
      boolean overlaps =
          used.contains(name)
              || (request.isEmpty() && used.stream().anyMatch(one -> one.startsWith(name + "/")));
      if (!used.add(key) || overlaps) {
        problems.duplicate(at, overlaps ? name : key);
      }
      if (!names.contains(name)) {
        problems.notFound(
            at,
            name,
            "must be one of the names in pod.spec.resourceClaims"
                + (names.isEmpty() ? " which is empty" : ": " + String.join(", ", names)));
      }
    }
  }
}
