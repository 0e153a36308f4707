package io.coxswain.node.allocation;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What was set aside for a pod: the resources of its containers, by their names.
public record Allocation(Map<String, ResourceRequirements> containers) {

  public Allocation {
    containers = Map.copyOf(containers);
  }

  /// All that the spec wants.
  public static Allocation of(PodSpec spec) {
    Map<String, ResourceRequirements> containers = new LinkedHashMap<>();
    spec.getInitContainersList().forEach(one -> containers.put(one.getName(), one.getResources()));
    spec.getContainersList().forEach(one -> containers.put(one.getName(), one.getResources()));
    return new Allocation(containers);
  }

  /// The pod as if this were what it wanted: what the node works from.
  public Pod applied(Pod pod) {
    if (equals(of(pod.getSpec()))) {
      return pod;
    }
    Pod.Builder applied = pod.toBuilder();
    apply(applied.getSpecBuilder().getInitContainersBuilderList());
    apply(applied.getSpecBuilder().getContainersBuilderList());
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
