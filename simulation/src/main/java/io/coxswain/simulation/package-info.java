/// The whole cluster on one thread: production reconcilers, the scheduler's core and the node
/// agent's planner against an API in memory, under a virtual clock and a seeded random order, with
/// crashes, lost answers, stale reads, cut and repeated events. After every step [Invariants] are
/// checked; a failure names its seed, which repeats it.
@NullMarked
package io.coxswain.simulation;

import org.jspecify.annotations.NullMarked;
