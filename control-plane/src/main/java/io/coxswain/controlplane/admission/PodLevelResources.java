package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import io.coxswain.controlplane.quota.Amounts;
import java.util.List;
import java.util.Map;

/// What a pod says of resources for all of its containers together (KEP-2837): its defaults, and
/// what holds for it.
final class PodLevelResources {

  private PodLevelResources() {}

  private static boolean isKnown(String name) {
    return name.equals("cpu") || name.equals("memory") || isPages(name);
  }

  private static boolean isPages(String name) {
    return name.startsWith("hugepages-");
  }

  /// A pod with limits asks for what its containers ask for, or else for its limits.
  static void complete(PodSpec.Builder spec) {
    if (spec.getResources().getLimitsCount() == 0) {
      return;
    }
    ResourceRequirements.Builder resources = spec.getResourcesBuilder();
    PodSpec containers = spec.build().toBuilder().clearResources().build();
    Amounts.requests(containers)
        .forEach((name, amount) -> {
          if (isKnown(name) && !isPages(name) && !resources.containsRequests(name)) {
            resources.putRequests(name, amount);
          }
        });
    Map.copyOf(resources.getLimitsMap())
        .forEach((name, limit) -> {
          if (isKnown(name) && !resources.containsRequests(name)) {
            resources.putRequests(name, limit);
          }
        });
  }

  static void check(PodSpec spec, String path, Problems problems) {
    if (!spec.hasResources()) {
      return;
    }
    String at = path + ".resources";
    if (spec.getOs().getName().equals("windows")) {
      problems.forbidden(at, "may not be set for a windows pod");
      return;
    }
    ResourceRequirements resources = spec.getResources();
    if (resources.getClaimsCount() > 0) {
      problems.forbidden(at + ".claims", "claims may not be set for Resources at pod-level");
    }
    names(resources.getLimitsMap(), at + ".limits", problems);
    names(resources.getRequestsMap(), at + ".requests", problems);
    ContainerRules.checkResources(resources, at, problems);
    try {
      consistent(spec, at, problems);
    } catch (IllegalArgumentException e) {
      // the schema's rules report what is no quantity
    }
  }

  private static void names(Map<String, Quantity> amounts, String path, Problems problems) {
    for (String name : amounts.keySet()) {
      if (!isKnown(name)) {
        problems.unsupported(path + "[" + name + "]", name, List.of("cpu", "hugepages-", "memory"));
      }
    }
  }

  /// Containers together do not ask for more than their pod, and none may use more.
  private static void consistent(PodSpec spec, String at, Problems problems) {
    ResourceRequirements resources = spec.getResources();
    Amounts.requests(spec.toBuilder().clearResources().build())
        .forEach((name, asked) -> {
          Quantity own = resources.getRequestsMap().get(name);
          if (own != null && Quantities.compare(asked, own) > 0) {
            problems.invalid(
                at + ".requests[" + name + "]",
                own.getString(),
                "must be greater than or equal to aggregate container requests of "
                    + asked.getString());
          }
        });
    for (int i = 0; i < spec.getContainersCount(); i++) {
      String container = at + ".containers[" + i + "]";
      spec.getContainers(i)
          .getResources()
          .getLimitsMap()
          .forEach((name, limit) -> {
            Quantity most = resources.getLimitsMap().get(name);
            if (most != null && Quantities.compare(limit, most) > 0) {
              problems.invalid(
                  container + "[" + name + "].limits",
                  limit.getString(),
                  "must be less than or equal to pod limits of " + most.getString());
            }
          });
    }
  }
}
