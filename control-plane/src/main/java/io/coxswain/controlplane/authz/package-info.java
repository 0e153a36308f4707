/// What a user may do: pure decisions over [io.coxswain.controlplane.authz.Attributes].
///
/// Members of `system:masters` may do everything; components have a fixed table; a node's agent is
/// confined to its node and the pods on it by [io.coxswain.controlplane.authz.NodeAuthorizer] and
/// [io.coxswain.controlplane.authz.NodeRestriction]. For everybody else, and beside all that, roles
/// decide: [io.coxswain.controlplane.authz.RoleAuthorizer]; and nobody gives away by them what they
/// do not have: [io.coxswain.controlplane.authz.Escalation].
@NullMarked
package io.coxswain.controlplane.authz;

import org.jspecify.annotations.NullMarked;
