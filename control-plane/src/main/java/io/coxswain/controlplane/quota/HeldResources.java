package io.coxswain.controlplane.quota;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.resource.Quantity;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/// What a pod's containers hold while their resources change: the most of what the spec wants, what
/// the node has set aside, and what they have. What the node can never give does not count.
final class HeldResources {

  private final Map<String, ContainerStatus> statuses = new HashMap<>();
  private final boolean infeasible;

  HeldResources(Pod pod) {
    Stream.concat(
            pod.getStatus().getContainerStatusesList().stream(),
            pod.getStatus().getInitContainerStatusesList().stream())
        .filter(ContainerStatus::hasResources)
        .forEach(status -> statuses.put(status.getName(), status));
    infeasible =
        pod.getStatus().getConditionsList().stream()
            .anyMatch(one ->
                one.getType().equals("PodResizePending") && one.getReason().equals("Infeasible"));
  }

  ResourceRequirements requests(Container container) {
    ContainerStatus status = statuses.get(container.getName());
    if (status == null) {
      return container.getResources();
    }
    Map<String, Quantity> most = new HashMap<>(status.getResources().getRequestsMap());
    Amounts.raise(most, status.getAllocatedResourcesMap());
    if (!infeasible) {
      Amounts.raise(most, container.getResources().getRequestsMap());
    }
    return ResourceRequirements.newBuilder().putAllRequests(most).build();
  }

  ResourceRequirements limits(Container container) {
    ContainerStatus status = statuses.get(container.getName());
    if (status == null) {
      return container.getResources();
    }
    Map<String, Quantity> most = new HashMap<>(status.getResources().getLimitsMap());
    if (!infeasible) {
      Amounts.raise(most, container.getResources().getLimitsMap());
    }
    return ResourceRequirements.newBuilder().putAllLimits(most).build();
  }
}
