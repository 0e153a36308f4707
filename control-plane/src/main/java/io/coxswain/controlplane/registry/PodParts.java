package io.coxswain.controlplane.registry;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.client.ApiError;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The two parts of a running pod's spec that have doors of their own: containers that are added to
/// look into it, and the resources of those that it has. A writer sends a whole pod; what is not of
/// the part stays as it is.
final class PodParts {

  static final String EPHEMERAL = "ephemeralcontainers";
  static final String RESIZE = "resize";

  /// What the writer should know: nodes do not act upon it yet.
  static final String RESIZE_WARNING =
      "spec.containers[*].resources: stored, but running containers keep what they started with in"
          + " this version of Coxswain";

  private PodParts() {}

  static Pod written(String part, Pod before, Pod wanted) {
    PodSpec.Builder spec = before.getSpec().toBuilder();
    switch (part) {
      case EPHEMERAL ->
          spec.clearEphemeralContainers()
              .addAllEphemeralContainers(wanted.getSpec().getEphemeralContainersList());
      case RESIZE -> {
        spec.getContainersBuilderList()
            .forEach(resized(wanted.getSpec().getContainersList())::apply);
        spec.getInitContainersBuilderList()
            .forEach(resized(wanted.getSpec().getInitContainersList())::apply);
      }
      default -> throw new IllegalArgumentException(part);
    }
    return before.toBuilder().setSpec(spec).build();
  }

  private interface Resizing {
    void apply(Container.Builder container);
  }

  private static Resizing resized(List<Container> wanted) {
    Map<String, Container> byName = new HashMap<>();
    wanted.forEach(container -> byName.put(container.getName(), container));
    return container -> {
      Container to = byName.get(container.getName());
      if (to == null) {
        return;
      }
      container.clearResizePolicy().addAllResizePolicy(to.getResizePolicyList());
      if (to.hasResources()) {
        container.setResources(to.getResources());
      } else {
        container.clearResources();
      }
    };
  }

  /// The node ended others first because of this pod's class: it may not change under way.
  static List<ApiError.Cause> onUpdate(String part, Pod before, Pod after) {
    return part.equals(EPHEMERAL) || QosClass.of(before.getSpec()) == QosClass.of(after.getSpec())
        ? List.of()
        : List.of(
            new ApiError.Cause(
                "FieldValueInvalid",
                "metadata",
                "Invalid value: \""
                    + after.getMetadata().getName()
                    + "\": Pod QOS Class may not change as a result of resizing"));
  }
}
