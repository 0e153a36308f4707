package io.coxswain.node.allocation;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What was set aside for a pod.
///
/// @param containers resources of its containers, by their names
/// @param pod of the pod as a whole (KEP-2837); nothing where its spec says nothing of them
public record Allocation(
    Map<String, ResourceRequirements> containers, Optional<ResourceRequirements> pod) {

  public Allocation {
    containers = Map.copyOf(containers);
  }

  /// All that the spec wants.
  public static Allocation of(PodSpec spec) {
    Map<String, ResourceRequirements> containers = new LinkedHashMap<>();
    spec.getInitContainersList().forEach(one -> containers.put(one.getName(), one.getResources()));
    spec.getContainersList().forEach(one -> containers.put(one.getName(), one.getResources()));
    return new Allocation(
        containers, spec.hasResources() ? Optional.of(spec.getResources()) : Optional.empty());
  }

  /// The pod as if this were what it wanted: what the node works from.
  public Pod applied(Pod wish) {
    if (equals(of(wish.getSpec()))) {
      return wish;
    }
    Pod.Builder applied = wish.toBuilder();
    apply(applied.getSpecBuilder().getInitContainersBuilderList());
    apply(applied.getSpecBuilder().getContainersBuilderList());
    applied.getSpecBuilder().clearResources();
    pod.ifPresent(applied.getSpecBuilder()::setResources);
    return applied.build();
  }

  private void apply(List<Container.Builder> builders) {
    for (Container.Builder container : builders) {
      ResourceRequirements resources = containers.get(container.getName());
      if (resources != null) {
        container.setResources(resources);
      }
    }
  }
}
