package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.VolumeMount;
import io.coxswain.node.runtime.BindMount;
import io.coxswain.node.runtime.LaunchException;
import io.coxswain.node.volume.PodVolume;
import io.coxswain.node.volume.VolumeException;
import io.coxswain.node.volume.Volumes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A container's `volumeMounts` as mounts of the host's paths.
final class VolumeBinds {

  private VolumeBinds() {}

  /// @param recursive whether mounts can be read-only with what is mounted below them
  static List<BindMount> of(
      Pod pod,
      Container container,
      Map<String, PodVolume> volumes,
      Map<String, String> environment,
      Volumes resolver,
      boolean recursive)
      throws LaunchException {
    List<BindMount> mounts = new ArrayList<>();
    for (VolumeMount mount : container.getVolumeMountsList()) {
      PodVolume volume = volumes.get(mount.getName());
      if (volume == null) {
        throw new LaunchException(
            "CreateContainerConfigError",
            "container \"%s\" mounts volume \"%s\", which the pod does not have"
                .formatted(container.getName(), mount.getName()));
      }
      if (volume.device()) {
        throw new LaunchException(
            "CreateContainerConfigError",
            "container \"%s\" mounts volume \"%s\", which is a block device: it can have it by volumeDevices"
                .formatted(container.getName(), mount.getName()));
      }
      String below =
          mount.getSubPathExpr().isEmpty()
              ? mount.getSubPath()
              : Variables.expand(mount.getSubPathExpr(), environment);
      try {
        Path source =
            below.isEmpty()
                ? volume.path()
                : resolver.subPath(pod, volume, container.getName(), mount, below);
        mounts.add(
            new BindMount(
                source,
                mount.getMountPath(),
                mount.getReadOnly() || volume.readOnly(),
                RecursiveMounts.isRecursive(mount, recursive),
                propagation(mount)));
      } catch (VolumeException | IllegalArgumentException e) {
        throw new LaunchException("CreateContainerConfigError", e.getMessage() + "", e);
      }
    }
    return mounts;
  }

  private static String propagation(VolumeMount mount) {
    return switch (mount.getMountPropagation()) {
      case "HostToContainer" -> "rslave";
      case "Bidirectional" -> "rshared";
      default -> "rprivate";
    };
  }
}
