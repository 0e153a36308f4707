/// Rolls a Deployment's pods from one template to the next by growing and shrinking ReplicaSets,
/// one for each template. [DeploymentPlan] decides from a snapshot; [DeploymentController] carries
/// out and writes the status.
///
/// A plan is carried out write by write, each fenced by the version that the plan was made from,
/// and the next one waits until the informer has seen them: so however stale a snapshot is, the sum
/// of all sets never leaves the bounds of surge and unavailability.
@NullMarked
package io.coxswain.controlplane.controller.deployment;

import org.jspecify.annotations.NullMarked;
