package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.node.podworker.ContainerView.Kind;
import io.coxswain.node.runtime.AddedContainers;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.LaunchException;
import java.util.Map;
import java.util.Optional;

/// Which containers a pod has: those that it began with, and those that people add to look into it.
final class PodContainers {

  private PodContainers() {}

  /// Gives each container of the pod a slot, where it has none yet: init containers first, added
  /// ones last.
  static void addTo(Map<String, ContainerSlot> slots, PodSpec spec) {
    for (Container container : spec.getInitContainersList()) {
      boolean sidecar = container.getRestartPolicy().equals("Always");
      add(slots, spec, container, sidecar ? Kind.SIDECAR : Kind.INIT);
    }
    spec.getContainersList().forEach(container -> add(slots, spec, container, Kind.MAIN));
    AddedContainers.of(spec).forEach(container -> add(slots, spec, container, Kind.EPHEMERAL));
  }

  private static void add(
      Map<String, ContainerSlot> slots, PodSpec pod, Container container, Kind kind) {
    slots.putIfAbsent(container.getName(), new ContainerSlot(pod, container, kind));
  }

  /// The container whose processes this one is to see; nothing when it is to see its own.
  ///
  /// @throws LaunchException when the other does not run
  static Optional<ContainerRecord> target(
      Map<String, ContainerSlot> slots, Pod pod, ContainerSlot slot) throws LaunchException {
    String name = AddedContainers.target(pod.getSpec(), slot.spec.getName());
    if (name.isEmpty()) {
      return Optional.empty();
    }
    Optional<ContainerRecord> target =
        Optional.ofNullable(slots.get(name))
            .flatMap(other -> other.last)
            .filter(ContainerRecord::running);
    if (target.isEmpty()) {
      throw new LaunchException(
          "CreateContainerError",
          "target container \"%s\" of \"%s\" does not run".formatted(name, slot.spec.getName()));
    }
    return target;
  }
}
