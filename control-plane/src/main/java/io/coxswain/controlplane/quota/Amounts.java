package io.coxswain.controlplane.quota;

import io.coxswain.api.core.v1.Container;
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
    return total(spec, ResourceRequirements::getRequestsMap);
  }

  /// What all of a pod's containers may take at most.
  public static Map<String, Quantity> limits(PodSpec spec) {
    return total(spec, ResourceRequirements::getLimitsMap);
  }

  /// Init containers run one after the other before the rest; sidecars among them stay.
  private static Map<String, Quantity> total(
      PodSpec spec, Function<ResourceRequirements, Map<String, Quantity>> of) {
    Map<String, Quantity> sum = new HashMap<>();
    for (Container container : spec.getContainersList()) {
      add(sum, of.apply(container.getResources()));
    }
    Map<String, Quantity> sidecars = new HashMap<>();
    Map<String, Quantity> starting = new HashMap<>();
    for (Container container : spec.getInitContainersList()) {
      Map<String, Quantity> own = of.apply(container.getResources());
      if (container.getRestartPolicy().equals("Always")) {
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
