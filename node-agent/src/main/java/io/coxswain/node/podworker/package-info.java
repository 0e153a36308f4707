/// What each pod of the node does next. [Planner] is a function of a [PodSnapshot]; a [PodWorker],
/// one virtual thread a pod, takes the snapshot, does what the plan says, publishes the status, and
/// sleeps until something happened or the plan's next moment has come. [PodWorkers] has one for
/// each pod that the API or the disk names.
@NullMarked
package io.coxswain.node.podworker;

import org.jspecify.annotations.NullMarked;
