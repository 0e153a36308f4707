/// What a user may do: pure decisions over [io.coxswain.controlplane.authz.Attributes].
///
/// Members of `system:masters` may do everything; components have a fixed table; a node's agent is
/// confined to its node and the pods on it by [io.coxswain.controlplane.authz.NodeAuthorizer] and
/// [io.coxswain.controlplane.authz.NodeRestriction]. Everybody else is forbidden.
@NullMarked
package io.coxswain.controlplane.authz;

import org.jspecify.annotations.NullMarked;
