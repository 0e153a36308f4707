package io.coxswain.node.usage;

import io.coxswain.node.filesystem.DiskUse;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a pod uses.
///
/// @param measuredAt when its disk was looked at
/// @param workingSetBytes memory that cannot be had back easily
/// @param processes threads included
public record PodUse(
    Instant measuredAt,
    long workingSetBytes,
    long processes,
    List<ContainerUse> containers,
    List<VolumeUse> volumes) {

  public PodUse {
    containers = List.copyOf(containers);
    volumes = List.copyOf(volumes);
  }

  /// What counts against the pod's limit of `ephemeral-storage`.
  public DiskUse ephemeral() {
    DiskUse sum = DiskUse.NONE;
    for (ContainerUse container : containers) {
      sum = sum.plus(container.disk());
    }
    for (VolumeUse volume : volumes) {
      sum = volume.local() ? sum.plus(volume.disk()) : sum;
    }
    return sum;
  }

  public Optional<ContainerUse> container(String name) {
    return containers.stream().filter(one -> one.name().equals(name)).findFirst();
  }

  public Optional<VolumeUse> volume(String name) {
    return volumes.stream().filter(one -> one.name().equals(name)).findFirst();
  }
}
