package io.coxswain.controlplane.registry;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// How safe a pod is when its node runs short, by what its containers ask for of cpu and memory.
enum QosClass {
  GUARANTEED("Guaranteed"),
  BURSTABLE("Burstable"),
  BEST_EFFORT("BestEffort");

  private static final List<String> COUNTED = List.of("cpu", "memory");

  private final String label;

  QosClass(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  static QosClass of(PodSpec spec) {
    List<Container> all =
        Stream.concat(spec.getContainersList().stream(), spec.getInitContainersList().stream())
            .toList();
    if (all.stream().noneMatch(QosClass::asksForAnything)) {
      return BEST_EFFORT;
    }
    return all.stream().allMatch(QosClass::isBounded) ? GUARANTEED : BURSTABLE;
  }

  private static boolean asksForAnything(Container container) {
    return COUNTED.stream()
        .anyMatch(name ->
            isSet(container.getResources().getRequestsMap(), name)
                || isSet(container.getResources().getLimitsMap(), name));
  }

  private static boolean isBounded(Container container) {
    return COUNTED.stream().allMatch(name -> isBounded(container, name));
  }

  /// A request that is not given is its limit.
  private static boolean isBounded(Container container, String name) {
    Quantity limit = container.getResources().getLimitsMap().get(name);
    Quantity request = container.getResources().getRequestsMap().get(name);
    return limit != null
        && Quantities.compare(limit, Quantities.ZERO) > 0
        && (request == null || Quantities.compare(request, limit) == 0);
  }

  private static boolean isSet(Map<String, Quantity> amounts, String name) {
    Quantity amount = amounts.get(name);
    return amount != null && Quantities.compare(amount, Quantities.ZERO) > 0;
  }
}
