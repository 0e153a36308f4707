package io.coxswain.node.pressure;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.pressure.Signal.Observed;
import io.coxswain.node.pressure.Signal.Resource;
import io.coxswain.node.usage.ContainerUse;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Why a pod was ended for want of something, in the kubelet's words, which people and tools look
/// for. Pure.
final class Messages {

  private Messages() {}

  /// @param due thresholds for which something is done
  static String evicted(
      Candidate victim, Resource resource, List<Threshold> due, Map<Signal, Observed> seen) {
    StringBuilder message =
        new StringBuilder("The node was low on resource: %s. ".formatted(resource.text()));
    for (Threshold threshold : due) {
      Observed observed = seen.get(threshold.signal());
      if (threshold.signal().resource() == resource && observed != null) {
        message.append(
            "Threshold quantity: %s, available: %s. "
                .formatted(
                    amount(resource, threshold.least().of(observed.capacity())),
                    amount(resource, observed.available())));
        break;
      }
    }
    if (resource.isBytes()) {
      pod(victim, resource, message);
      containers(victim, resource, message);
    }
    return message.toString();
  }

  private static void pod(Candidate victim, Resource resource, StringBuilder message) {
    Quantity request = victim.pod().getSpec().getResources().getRequestsMap().get(resource.text());
    if (resource == Resource.MEMORY && request != null) {
      message.append(
          "Pod %s was using %s, request is %s, has larger consumption of %s. "
              .formatted(
                  victim.pod().getMetadata().getName(),
                  amount(resource, victim.use().workingSetBytes()),
                  request.getString(),
                  resource.text()));
    }
  }

  private static void containers(Candidate victim, Resource resource, StringBuilder message) {
    List<Container> all =
        Stream.concat(
                victim.pod().getSpec().getContainersList().stream(),
                victim.pod().getSpec().getInitContainersList().stream())
            .toList();
    for (ContainerUse use : victim.use().containers()) {
      for (Container container : all) {
        if (!container.getName().equals(use.name())) {
          continue;
        }
        Quantity request =
            container
                .getResources()
                .getRequestsMap()
                .getOrDefault(resource.text(), Quantities.ZERO);
        long used = resource == Resource.MEMORY ? use.workingSetBytes() : use.disk().bytes();
        if (used > Quantities.whole(request)) {
          message.append(
              "Container %s was using %s, request is %s, has larger consumption of %s. "
                  .formatted(
                      use.name(), amount(resource, used), request.getString(), resource.text()));
        }
      }
    }
  }

  private static String amount(Resource resource, long amount) {
    return (resource.isBytes() ? Quantities.ofBytes(amount) : Quantities.ofCount(amount))
        .getString();
  }
}
