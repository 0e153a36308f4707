package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeDevice;
import io.coxswain.api.core.v1.VolumeMount;
import io.coxswain.api.core.v1.VolumeSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What must hold for a container's `volumeDevices`: block devices that are claims of the pod's,
/// each once, and nowhere mounted as well. Pure.
final class DeviceRules {

  private DeviceRules() {}

  /// @param volumes of the pod
  static void check(Container container, List<Volume> volumes, String path, Problems problems) {
    Set<String> names = new HashSet<>();
    Set<String> places = new HashSet<>();
    Set<String> mounted =
        container.getVolumeMountsList().stream()
            .map(VolumeMount::getName)
            .collect(Collectors.toSet());
    Set<String> mountPaths =
        container.getVolumeMountsList().stream()
            .map(VolumeMount::getMountPath)
            .collect(Collectors.toSet());
    for (int i = 0; i < container.getVolumeDevicesCount(); i++) {
      VolumeDevice device = container.getVolumeDevices(i);
      String at = path + "[" + i + "]";
      checkName(device.getName(), volumes, at + ".name", problems);
      if (!device.getName().isEmpty() && !names.add(device.getName())) {
        problems.invalid(at + ".name", device.getName(), "must be unique");
      }
      if (mounted.contains(device.getName())) {
        problems.invalid(at + ".name", device.getName(), "must not already exist in volumeMounts");
      }
      checkPlace(device.getDevicePath(), places, mountPaths, at + ".devicePath", problems);
    }
  }

  private static void checkName(String name, List<Volume> volumes, String at, Problems problems) {
    if (name.isEmpty()) {
      problems.required(at);
      return;
    }
    volumes.stream()
        .filter(volume -> volume.getName().equals(name))
        .map(Volume::getVolumeSource)
        .findFirst()
        .ifPresentOrElse(
            source -> {
              if (!isClaim(source)) {
                problems.invalid(
                    at,
                    name,
                    "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
              }
            },
            () -> problems.notFound(at, name));
  }

  private static boolean isClaim(VolumeSource source) {
    return source.hasPersistentVolumeClaim() || source.hasEphemeral();
  }

  private static void checkPlace(
      String place, Set<String> places, Set<String> mountPaths, String at, Problems problems) {
    if (place.isEmpty()) {
      problems.required(at);
      return;
    }
    if (Arrays.asList(place.split("/", -1)).contains("..")) {
      problems.invalid(at, place, "can not contain backsteps ('..')");
    } else if (!places.add(place)) {
      problems.invalid(at, place, "must be unique");
    }
    if (mountPaths.contains(place)) {
      problems.invalid(at, place, "must not already exist as a path in volumeMounts");
    }
  }
}
