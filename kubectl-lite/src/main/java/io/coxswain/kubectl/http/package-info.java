/// HTTP/1.1 over TLS or a Unix domain socket, no more than the API needs: requests, streamed
/// answers and the upgrade to a WebSocket.
@NullMarked
package io.coxswain.kubectl.http;

import org.jspecify.annotations.NullMarked;
