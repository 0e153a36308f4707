package io.coxswain.node.pressure;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.filesystem.DiskUse;
import io.coxswain.node.pressure.Signal.Resource;
import io.coxswain.node.runtime.PodTotals;
import io.coxswain.node.usage.ContainerUse;
import io.coxswain.node.usage.PodUse;
import io.coxswain.node.usage.VolumeUse;

/// A pod that may have to go, and what it uses.
record Candidate(Pod pod, PodUse use) {

  /// What of the disk counts when a file system is full.
  enum Part {
    /// One file system has all.
    ALL,
    /// Logs and volumes: what is not on the images' file system.
    APART,
    /// What containers wrote in their root file systems.
    ROOTFS
  }

  static Part part(Signal signal, boolean separate) {
    return !separate ? Part.ALL : signal.isImageFs() ? Part.ROOTFS : Part.APART;
  }

  long request(Resource resource) {
    return Quantities.whole(
        PodTotals.requests(pod.getSpec()).getOrDefault(resource.text(), Quantities.ZERO));
  }

  long use(Resource resource, Part part) {
    return switch (resource) {
      case MEMORY -> use.workingSetBytes();
      case STORAGE -> disk(part).bytes();
      case INODES -> disk(part).inodes();
      case PIDS -> use.processes();
    };
  }

  private DiskUse disk(Part part) {
    DiskUse sum = DiskUse.NONE;
    for (ContainerUse container : use.containers()) {
      sum =
          switch (part) {
            case ALL -> sum.plus(container.disk());
            case APART -> sum.plus(container.logs());
            case ROOTFS -> sum.plus(container.rootfs());
          };
    }
    if (part != Part.ROOTFS) {
      for (VolumeUse volume : use.volumes()) {
        sum = volume.local() ? sum.plus(volume.disk()) : sum;
      }
    }
    return sum;
  }
}
