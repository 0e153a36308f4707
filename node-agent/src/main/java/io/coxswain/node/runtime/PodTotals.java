package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/// What a pod as a whole asks for and may use (KEP-753): all that runs at once in its life, or the
/// highest point while it starts, where each init container runs beside the sidecars before it.
/// What is said for the pod itself (KEP-2837) counts instead. The runtime's own comes on top. Pure.
public final class PodTotals {

  private PodTotals() {}

  public static Map<String, Quantity> requests(PodSpec spec) {
    return requests(spec, container -> container.getResources().getRequestsMap());
  }

  /// @param of what is seen of a container
  public static Map<String, Quantity> requests(
      PodSpec spec, Function<Container, Map<String, Quantity>> of) {
    Map<String, Quantity> sum = containers(spec, of);
    sum.putAll(ofPod(spec.getResources().getRequestsMap()));
    add(sum, spec.getOverheadMap());
    return sum;
  }

  public static Map<String, Quantity> limits(PodSpec spec) {
    Map<String, Quantity> sum =
        containers(spec, container -> container.getResources().getLimitsMap());
    sum.putAll(ofPod(spec.getResources().getLimitsMap()));
    spec.getOverheadMap()
        .forEach((name, amount) ->
            sum.computeIfPresent(name, (_, limit) -> Quantities.add(limit, amount)));
    return sum;
  }

  public static ResourceRequirements of(PodSpec spec) {
    return ResourceRequirements.newBuilder()
        .putAllRequests(requests(spec))
        .putAllLimits(limits(spec))
        .build();
  }

  /// Of what can be said for a pod as a whole.
  private static Map<String, Quantity> ofPod(Map<String, Quantity> amounts) {
    Map<String, Quantity> known = new HashMap<>(amounts);
    known
        .keySet()
        .removeIf(name ->
            !name.equals("cpu") && !name.equals("memory") && !name.startsWith("hugepages-"));
    return known;
  }

  private static Map<String, Quantity> containers(
      PodSpec spec, Function<Container, Map<String, Quantity>> of) {
    Map<String, Quantity> sum = new HashMap<>();
    spec.getContainersList().forEach(container -> add(sum, of.apply(container)));
    Map<String, Quantity> sidecars = new HashMap<>();
    Map<String, Quantity> starting = new HashMap<>();
    for (Container container : spec.getInitContainersList()) {
      if (container.getRestartPolicy().equals("Always")) {
        add(sum, of.apply(container));
        add(sidecars, of.apply(container));
        raise(starting, sidecars);
      } else {
        Map<String, Quantity> together = new HashMap<>(sidecars);
        add(together, of.apply(container));
        raise(starting, together);
      }
    }
    raise(sum, starting);
    return sum;
  }

  private static void add(Map<String, Quantity> sum, Map<String, Quantity> more) {
    more.forEach((name, amount) -> sum.merge(name, amount, Quantities::add));
  }

  private static void raise(Map<String, Quantity> most, Map<String, Quantity> other) {
    other.forEach(
        (name, amount) -> most.merge(name, amount, (a, b) -> Quantities.compare(a, b) < 0 ? b : a));
  }
}
