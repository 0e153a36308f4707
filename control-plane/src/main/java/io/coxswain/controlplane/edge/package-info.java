/// The HTTP edge: TLS, HTTP/1.1 and HTTP/2 on plain Netty, and HTTP/1.1 on a socket of this
/// machine.
///
/// Event loops decode, enforce the limits and hand a complete request to a virtual thread as an
/// [io.coxswain.controlplane.edge.Exchange]; the thread answers with blocking calls that wait while
/// the reader is behind. What is known here is HTTP; what requests mean is known above, to the
/// [io.coxswain.controlplane.edge.Handler].
@NullMarked
package io.coxswain.controlplane.edge;

import org.jspecify.annotations.NullMarked;
