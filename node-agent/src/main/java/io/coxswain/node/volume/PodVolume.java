package io.coxswain.node.volume;

import java.nio.file.Path;

/// A volume that is ready on the host.
///
/// @param path folder or file to bind into containers, or a block device's file
/// @param readOnly whatever a mount says, as of ConfigMaps, Secrets and projected volumes
/// @param device whether it is a block device, which containers have by `volumeDevices` and not by
///   `volumeMounts`
public record PodVolume(Path path, boolean readOnly, boolean device) {

  /// One that is mounted.
  public PodVolume(Path path, boolean readOnly) {
    this(path, readOnly, false);
  }

  static PodVolume ofDevice(Path path, boolean readOnly) {
    return new PodVolume(path, readOnly, true);
  }
}
