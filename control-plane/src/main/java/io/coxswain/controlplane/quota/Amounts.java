package io.coxswain.controlplane.quota;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// Sums of resources, by name. Pure.
public final class Amounts {

  /// What a pod may say for all of its containers together.
  private static final Set<String> OF_POD = Set.of("cpu", "memory");

  private Amounts() {}

  /// What all of a pod's containers ask for at the time when they ask for most.
  public static Map<String, Quantity> requests(PodSpec spec) {
    return total(spec, ResourceRequirements::getRequestsMap, Container::getResources);
  }

  /// What all of a pod's containers may take at most.
  public static Map<String, Quantity> limits(PodSpec spec) {
    return total(spec, ResourceRequirements::getLimitsMap, Container::getResources);
  }

  /// As its spec says, and while that changes no less than what it still has (KEP-1287).
  static Map<String, Quantity> requests(Pod pod) {
    return total(
        pod.getSpec(), ResourceRequirements::getRequestsMap, new HeldResources(pod)::requests);
  }

  /// As its spec says, and while that changes no less than what it still may take.
  static Map<String, Quantity> limits(Pod pod) {
    return total(pod.getSpec(), ResourceRequirements::getLimitsMap, new HeldResources(pod)::limits);
  }

  /// Init containers run one after the other before the rest; sidecars among them stay.
  private static Map<String, Quantity> total(
      PodSpec spec,
      Function<ResourceRequirements, Map<String, Quantity>> of,
      Function<Container, ResourceRequirements> resources) {
    Map<String, Quantity> sum = new HashMap<>();
    for (Container container : spec.getContainersList()) {
      add(sum, of.apply(resources.apply(container)));
    }
    Map<String, Quantity> sidecars = new HashMap<>();
    Map<String, Quantity> starting = new HashMap<>();
    for (Container container : spec.getInitContainersList()) {
      boolean sidecar = container.getRestartPolicy().equals("Always");
      Map<String, Quantity> own =
          of.apply(sidecar ? resources.apply(container) : container.getResources());
      if (sidecar) {
        add(sum, own);
        add(sidecars, own);
        raise(starting, sidecars);
      } else {
        Map<String, Quantity> together = new HashMap<>(sidecars);
        add(together, own);
        raise(starting, together);
      }
    }
    raise(sum, starting);
    of.apply(spec.getResources())
        .forEach((name, amount) -> {
          if (OF_POD.contains(name) || name.startsWith("hugepages-")) {
            sum.put(name, amount);
          }
        });
    return sum;
  }

  public static void add(Map<String, Quantity> sum, Map<String, Quantity> more) {
    more.forEach((name, amount) -> sum.merge(name, amount, Quantities::add));
  }

  static void raise(Map<String, Quantity> most, Map<String, Quantity> other) {
    other.forEach(
        (name, amount) -> most.merge(name, amount, (a, b) -> Quantities.compare(a, b) < 0 ? b : a));
  }
}
