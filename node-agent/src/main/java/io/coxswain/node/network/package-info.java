/// The node's network. [PodNetwork] is what the pod worker asks, right after a sandbox's namespaces
/// are made and before they go; [NodeNetwork] is the whole of it, wired.
///
/// The flow: the Node object brings a range of pod addresses → [NodeLinks] makes the node's own
/// device and the ways to other nodes ([NodeRoutes] plans them), the rules for Services
/// (`io.coxswain.node.service`) and the name service (`io.coxswain.node.dns`) come up → each pod
/// gets a lease ([PodLeases], on disk before it is used) and a pair of devices ([PodLinks]), and is
/// routed, not bridged. What the kernel holds stays when the agent ends, and is taken over by the
/// next.
@NullMarked
package io.coxswain.node.network;

import org.jspecify.annotations.NullMarked;
