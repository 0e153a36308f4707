/// Keeps as many pods of a template as a ReplicaSet, or a ReplicationController, asks for.
/// [ReplicaSetPlan] decides from a snapshot what to adopt, release, create and delete;
/// [ReplicaController] reads the snapshot, carries the plan out and writes the status.
@NullMarked
package io.coxswain.controlplane.controller.replicaset;

import org.jspecify.annotations.NullMarked;
