/// The control plane of a cluster, wired in one place.
///
/// A request comes in at the `edge` (HTTPS) or over gRPC (`link`), is somebody's (`authn`), is
/// allowed (`authz`), and is answered by the request pipeline of `server` from the registries;
/// `stream` carries what is not objects: logs and terminals.
/// [io.coxswain.controlplane.ControlPlane] starts all of it in order and closes it in reverse.
@NullMarked
package io.coxswain.controlplane;

import org.jspecify.annotations.NullMarked;
