package io.coxswain.controlplane.registry;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.client.ApiError;
import java.util.ArrayList;
import java.util.List;

/// The two parts of a running pod's spec that have doors of their own: containers that are added to
/// look into it, and the resources of those that it has. A writer sends a whole pod; what is not of
/// the part stays as it is.
final class PodParts {

  static final String EPHEMERAL = "ephemeralcontainers";
  static final String RESIZE = "resize";

  private PodParts() {}

  static Pod written(String part, Pod before, Pod wanted) {
    PodSpec.Builder spec = before.getSpec().toBuilder();
    switch (part) {
      case EPHEMERAL ->
          spec.clearEphemeralContainers()
              .addAllEphemeralContainers(wanted.getSpec().getEphemeralContainersList());
      case RESIZE -> {
        PodSpec sent = wanted.getSpec();
        List<Container> containers = resized(spec.getContainersList(), sent.getContainersList());
        List<Container> inits = resized(spec.getInitContainersList(), sent.getInitContainersList());
        spec.clearContainers().addAllContainers(containers);
        spec.clearInitContainers().addAllInitContainers(inits).clearResources();
        if (sent.hasResources()) {
          spec.setResources(sent.getResources());
        }
      }
      default -> throw new IllegalArgumentException(part);
    }
    return before.toBuilder().setSpec(spec).build();
  }

  /// What somebody wants to have other names, another order or another number is left as he sent
  /// it, to be refused.
  private static List<Container> resized(List<Container> old, List<Container> sent) {
    if (!names(old).equals(names(sent))) {
      return sent;
    }
    List<Container> resized = new ArrayList<>();
    for (int i = 0; i < old.size(); i++) {
      Container to = sent.get(i);
      Container.Builder container =
          old.get(i).toBuilder()
              .clearResizePolicy()
              .addAllResizePolicy(to.getResizePolicyList())
              .clearResources();
      if (to.hasResources()) {
        container.setResources(to.getResources());
      }
      resized.add(container.build());
    }
    return resized;
  }

  private static List<String> names(List<Container> containers) {
    return containers.stream().map(Container::getName).toList();
  }

  /// The node ended others first because of this pod's class: it may not change under way.
  static List<ApiError.Cause> onUpdate(String part, Pod before, Pod after) {
    return part.equals(EPHEMERAL) || QosClass.of(before.getSpec()) == QosClass.of(after.getSpec())
        ? List.of()
        : List.of(
            new ApiError.Cause(
                "FieldValueInvalid",
                "spec",
                "Invalid value: \""
                    + QosClass.of(before.getSpec()).label()
                    + "\": Pod QOS Class may not change as a result of resizing"));
  }
}
