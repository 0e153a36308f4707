package io.coxswain.node.usage;

import io.coxswain.node.filesystem.DiskUse;

/// What a volume of a pod has in it.
///
/// @param local whether it counts as the pod's own part of the node's disk (`ephemeral-storage`)
public record VolumeUse(String name, DiskUse disk, boolean local) {}
