/// Ports of pods on this machine: connections to local ports are carried to the server as streams
/// of SPDY, which is how Kubernetes forwards ports, on one [io.coxswain.kubectl.http.Tunnel].
@NullMarked
package io.coxswain.kubectl.forward;

import org.jspecify.annotations.NullMarked;
