package io.coxswain.node.usage;

import io.coxswain.node.filesystem.DiskUse;

/// What a container uses.
///
/// @param workingSetBytes memory that cannot be had back easily; 0 while it does not run
/// @param rootfs what it wrote in its root file system
/// @param logs its logs, also those of its earlier starts that are still here
public record ContainerUse(String name, long workingSetBytes, DiskUse rootfs, DiskUse logs) {

  public DiskUse disk() {
    return rootfs.plus(logs);
  }
}
