package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.VolumeDevice;
import io.coxswain.node.cdi.ContainerEdits;
import io.coxswain.node.cdi.ContainerEdits.DeviceNode;
import io.coxswain.node.cdi.HostDevice;
import io.coxswain.node.runtime.LaunchException;
import io.coxswain.node.volume.PodVolume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// A container's `volumeDevices` as device files.
final class BlockVolumes {

  private BlockVolumes() {}

  /// @param volumes of the pod, by name
  static ContainerEdits of(Container container, Map<String, PodVolume> volumes)
      throws LaunchException {
    List<DeviceNode> nodes = new ArrayList<>();
    for (VolumeDevice device : container.getVolumeDevicesList()) {
      PodVolume volume = volumes.get(device.getName());
      if (volume == null || !volume.device()) {
        throw new LaunchException(
            "CreateContainerConfigError",
            "container \"%s\" has the device \"%s\", which is no block device among the pod's volumes"
                .formatted(container.getName(), device.getName()));
      }
      nodes.add(node(device, volume));
    }
    return new ContainerEdits(List.of(), nodes, List.of(), List.of(), List.of(), Map.of());
  }

  /// What the file is called on the host may change with each start of the machine; its numbers are
  /// read when a container starts.
  private static DeviceNode node(VolumeDevice device, PodVolume volume) throws LaunchException {
    try {
      HostDevice found = HostDevice.read(volume.path());
      if (!found.type().equals("b")) {
        throw new IOException(volume.path() + " is no block device");
      }
      return new DeviceNode(
          device.getDevicePath(),
          found.type(),
          found.major(),
          found.minor(),
          OptionalInt.of(found.mode()),
          OptionalLong.of(found.uid()),
          OptionalLong.of(found.gid()),
          volume.readOnly() ? "r" : "rwm");
    } catch (IOException e) {
      throw new LaunchException(
          "CreateContainerError",
          "volume \"%s\": %s".formatted(device.getName(), e.getMessage()),
          e);
    }
  }
}
