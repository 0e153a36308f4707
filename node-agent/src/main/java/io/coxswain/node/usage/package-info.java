/// What pods and the node use: of memory and processes by their control groups, of the disk by a
/// walk through their own folders ([io.coxswain.node.usage.PodMeter]), and how much room the node's
/// file systems have ([io.coxswain.node.usage.NodeDisks]). Nothing is measured while nobody asks;
/// what a walk found is kept for who asks soon after.
@NullMarked
package io.coxswain.node.usage;

import org.jspecify.annotations.NullMarked;
