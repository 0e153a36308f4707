/// WebSockets, RFC 6455, as the API speaks them: the opening on a request that has been authorized,
/// and messages from the server alone, as a watch or a log has them.
///
/// Terminals and forwarded ports, where both sides speak, are in [io.coxswain.controlplane.stream].
@NullMarked
package io.coxswain.controlplane.websocket;

import org.jspecify.annotations.NullMarked;
