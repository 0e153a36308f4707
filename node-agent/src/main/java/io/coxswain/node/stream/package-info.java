/// The agent's end of people's streams. [NodeLink] keeps one session to the control plane, which
/// asks on it for logs, exec, attach, port-forward and statistics; each is answered on a call of
/// its own that the agent dials, a [Carrier].
@NullMarked
package io.coxswain.node.stream;

import org.jspecify.annotations.NullMarked;
