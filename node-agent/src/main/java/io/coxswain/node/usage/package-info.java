/// What pods and the node use: of memory and processes by their control groups, of the disk by a
/// walk through their own folders ([io.coxswain.node.usage.PodMeter]), and how much room the node's
/// file systems have ([io.coxswain.node.usage.NodeDisks]). None of that is measured while nobody
/// asks; what a walk found is kept for who asks soon after.
///
/// Volumes that are more than a folder of the node are another's to tell of, who may not answer:
/// they are asked for in the background ([io.coxswain.node.usage.VolumeRounds]), once in a while
/// and only where a pod has any.
@NullMarked
package io.coxswain.node.usage;

import org.jspecify.annotations.NullMarked;
