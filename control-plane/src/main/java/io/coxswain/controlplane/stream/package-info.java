/// What is not objects: logs, terminals and forwarded ports, between a person's connection and the
/// node that runs the pod.
///
/// A person comes by WebSocket, or with an older client by SPDY; both are a
/// [io.coxswain.controlplane.stream.PersonStream] of numbered channels. The node's side is a
/// [io.coxswain.controlplane.link.NodeStream] with the same numbers.
/// [io.coxswain.controlplane.stream.Relay] copies between the two until one ends.
@NullMarked
package io.coxswain.controlplane.stream;

import org.jspecify.annotations.NullMarked;
