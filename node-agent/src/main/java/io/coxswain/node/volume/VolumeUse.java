package io.coxswain.node.volume;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.PodSpec;
import java.util.stream.Stream;

/// How a pod's containers have one of its volumes.
///
/// @param mounted whether one of them mounts it
/// @param asDevice whether one of them has it as a block device
record VolumeUse(boolean mounted, boolean asDevice) {

  static VolumeUse of(PodSpec pod, String volume) {
    return new VolumeUse(
        containers(pod)
            .flatMap(container -> container.getVolumeMountsList().stream())
            .anyMatch(mount -> mount.getName().equals(volume)),
        containers(pod)
            .flatMap(container -> container.getVolumeDevicesList().stream())
            .anyMatch(device -> device.getName().equals(volume)));
  }

  private static Stream<Container> containers(PodSpec pod) {
    return Stream.concat(pod.getInitContainersList().stream(), pod.getContainersList().stream());
  }
}
