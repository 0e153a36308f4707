/// What is not objects: logs, terminals and forwarded ports, between a person's connection and the
/// node that runs the pod.
///
/// A person comes by WebSocket, or with an older client by SPDY; both are a
/// [io.coxswain.controlplane.stream.PersonStream] of numbered channels. The node's side is a
/// [io.coxswain.controlplane.link.NodeStream] with the same numbers.
/// [io.coxswain.controlplane.stream.Relay] copies between the two until one ends.
///
/// The server itself reaches pods the same way, as webhooks:
/// [io.coxswain.controlplane.stream.Dialer] gives it sockets that are such a stream.
@NullMarked
package io.coxswain.controlplane.stream;

import org.jspecify.annotations.NullMarked;
