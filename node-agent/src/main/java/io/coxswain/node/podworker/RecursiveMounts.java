package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.api.core.v1.VolumeMount;
import io.coxswain.api.core.v1.VolumeMountStatus;
import io.coxswain.node.runtime.AddedContainers;
import java.util.List;

/// Mounts that are read-only with all that is mounted below them (KEP-3857): which they are, and
/// what a container's status says of its mounts. Pure.
final class RecursiveMounts {

  private RecursiveMounts() {}

  /// @param supported whether the pod's runtime and the kernel can do it
  /// @throws IllegalArgumentException when it must be and cannot
  static boolean isRecursive(VolumeMount mount, boolean supported) {
    String mode = mount.getRecursiveReadOnly();
    if (mode.isEmpty() || mode.equals("Disabled")) {
      return false;
    }
    String what =
        "volume \"%s\" requested recursive read-only mode, but ".formatted(mount.getName());
    if (!mount.getReadOnly()) {
      throw new IllegalArgumentException(what + "it is not read-only");
    }
    String propagation = mount.getMountPropagation();
    if (!propagation.isEmpty() && !propagation.equals("None")) {
      throw new IllegalArgumentException(
          what + "it is not compatible with propagation \"%s\"".formatted(propagation));
    }
    return switch (mode) {
      case "IfPossible" -> supported;
      case "Enabled" -> {
        if (!supported) {
          throw new IllegalArgumentException(what + "it is not supported by the runtime");
        }
        yield true;
      }
      default ->
          throw new IllegalArgumentException(
              "unknown recursive read-only mode \"%s\"".formatted(mode));
    };
  }

  /// The status with the mounts of each container.
  static PodStatus described(Pod pod, PodStatus status, boolean supported) {
    PodStatus.Builder described = status.toBuilder();
    described
        .getInitContainerStatusesBuilderList()
        .forEach(one -> describe(one, pod.getSpec().getInitContainersList(), supported));
    described
        .getContainerStatusesBuilderList()
        .forEach(one -> describe(one, pod.getSpec().getContainersList(), supported));
    List<Container> added = AddedContainers.of(pod.getSpec());
    described
        .getEphemeralContainerStatusesBuilderList()
        .forEach(one -> describe(one, added, supported));
    return described.build();
  }

  private static void describe(
      ContainerStatus.Builder status, List<Container> containers, boolean supported) {
    status.clearVolumeMounts();
    for (Container container : containers) {
      if (container.getName().equals(status.getName())) {
        container
            .getVolumeMountsList()
            .forEach(mount -> status.addVolumeMounts(of(mount, supported)));
      }
    }
  }

  private static VolumeMountStatus of(VolumeMount mount, boolean supported) {
    VolumeMountStatus.Builder status =
        VolumeMountStatus.newBuilder()
            .setName(mount.getName())
            .setMountPath(mount.getMountPath())
            .setReadOnly(mount.getReadOnly());
    if (mount.getReadOnly()) {
      status.setRecursiveReadOnly(mode(mount, supported));
    }
    return status.build();
  }

  private static String mode(VolumeMount mount, boolean supported) {
    try {
      return isRecursive(mount, supported) ? "Enabled" : "Disabled";
    } catch (IllegalArgumentException e) {
      return "Disabled";
    }
  }
}
