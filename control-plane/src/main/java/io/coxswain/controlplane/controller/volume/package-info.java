/// Persistent volumes, from the claim to the end of what is stored.
///
/// [BindingController] brings claims and volumes together, as [ClaimPlan] and [VolumePlan] decide;
/// [LocalProvisioner] orders directories from nodes' agents for claims of its classes, and has them
/// deleted; [AttachController] has volumes of storage drivers attached to nodes, as [AttachPlan]
/// decides; [EphemeralVolumeController] makes the claims of ephemeral volumes; and
/// [ProtectionController] lets claims and volumes go that nobody uses any more. The scheduler
/// chooses the node for claims that wait for their first consumer, and agents mount what is bound.
@NullMarked
package io.coxswain.controlplane.controller.volume;

import org.jspecify.annotations.NullMarked;
