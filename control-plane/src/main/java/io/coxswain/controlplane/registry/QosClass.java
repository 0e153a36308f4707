package io.coxswain.controlplane.registry;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
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
    ResourceRequirements ofPod = spec.getResources();
    // where the pod itself says what it asks for, its containers do not count
    List<ResourceRequirements> all =
        ofPod.getRequestsCount() + ofPod.getLimitsCount() > 0
            ? List.of(ofPod)
            : Stream.concat(
                    spec.getContainersList().stream(), spec.getInitContainersList().stream())
                .map(Container::getResources)
                .toList();
    if (all.stream().noneMatch(QosClass::asksForAnything)) {
      return BEST_EFFORT;
    }
    return all.stream().allMatch(QosClass::isBounded) ? GUARANTEED : BURSTABLE;
  }

  private static boolean asksForAnything(ResourceRequirements resources) {
    return COUNTED.stream()
        .anyMatch(name ->
            isSet(resources.getRequestsMap(), name) || isSet(resources.getLimitsMap(), name));
  }

  private static boolean isBounded(ResourceRequirements resources) {
    return COUNTED.stream().allMatch(name -> isBounded(resources, name));
  }

  /// A request that is not given is its limit.
  private static boolean isBounded(ResourceRequirements resources, String name) {
    Quantity limit = resources.getLimitsMap().get(name);
    Quantity request = resources.getRequestsMap().get(name);
    return limit != null
        && Quantities.compare(limit, Quantities.ZERO) > 0
        && (request == null || Quantities.compare(request, limit) == 0);
  }

  private static boolean isSet(Map<String, Quantity> amounts, String name) {
    Quantity amount = amounts.get(name);
    return amount != null && Quantities.compare(amount, Quantities.ZERO) > 0;
  }
}
