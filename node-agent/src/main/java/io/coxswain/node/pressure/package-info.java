/// What a node does when it runs short of memory, disk or process numbers, as the kubelet does.
/// [io.coxswain.node.pressure.PressureMonitor] looks every ten seconds: pods that take more of the
/// disk than they may are ended ([io.coxswain.node.pressure.StorageLimits]); when a
/// [io.coxswain.node.pressure.Threshold] is met, the node says so, takes no more pods, gives back
/// what nobody uses, and then ends pods, one at a time, in the order of
/// [io.coxswain.node.pressure.Ranking].
///
/// What decides is a function of what was seen ([io.coxswain.node.pressure.PressureState]); what
/// sees ([io.coxswain.node.pressure.Signals]) and what acts are around it.
@NullMarked
package io.coxswain.node.pressure;

import org.jspecify.annotations.NullMarked;
