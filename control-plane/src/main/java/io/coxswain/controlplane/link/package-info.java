/// The doors for components on other machines, by gRPC with mutual TLS: objects
/// ([io.coxswain.controlplane.link.ObjectsService]), the sessions over which nodes are asked for
/// logs and terminals ([io.coxswain.controlplane.link.NodeConnections]), and how a new machine
/// becomes a node ([io.coxswain.controlplane.link.JoinService]).
@NullMarked
package io.coxswain.controlplane.link;

import org.jspecify.annotations.NullMarked;
