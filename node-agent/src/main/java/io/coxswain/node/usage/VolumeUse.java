package io.coxswain.node.usage;

import io.coxswain.node.filesystem.DiskUse;
import io.coxswain.node.filesystem.FileSystemSpace;

/// What a volume of a pod has in it.
///
/// @param space of the file system that it is on
/// @param local whether it counts as the pod's own part of the node's disk (`ephemeral-storage`)
public record VolumeUse(String name, DiskUse disk, FileSystemSpace space, boolean local) {}
