/// Services on this node: translates their addresses to ready endpoints by nftables.
///
/// The flow: Services, EndpointSlices and the node's own facts → [ServiceRules] and [BaseRules]
/// make the [Ruleset] that should be → [RulesetDiff] says what differs from the one that is →
/// [Nftables] applies that in one transaction → stale UDP flows are forgotten ([Conntrack]).
/// [ServiceProxy] is the thread around it. Only the table `inet coxswain` is ever touched.
///
/// One packet of a new connection costs one lookup in a map from protocol, address and port to a
/// chain, whatever the number of Services; later packets follow connection tracking alone.
@NullMarked
package io.coxswain.node.service;

import org.jspecify.annotations.NullMarked;
