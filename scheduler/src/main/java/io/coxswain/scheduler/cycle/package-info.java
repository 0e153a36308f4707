/// From a pod and a snapshot to a node: [Placement] decides, and knows nothing of time, threads or
/// the API. [io.coxswain.scheduler.Scheduler] carries it out.
@NullMarked
package io.coxswain.scheduler.cycle;

import org.jspecify.annotations.NullMarked;
