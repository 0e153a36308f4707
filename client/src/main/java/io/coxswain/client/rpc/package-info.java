/// From typed calls to the wire: [TransportClient] turns the verbs of a kind into calls of a
/// [io.coxswain.client.Transport], which is the server's own pipeline in the same JVM or gRPC.
@NullMarked
package io.coxswain.client.rpc;

import org.jspecify.annotations.NullMarked;
