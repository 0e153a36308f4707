/// Asks containers how they are: over HTTP, TCP, gRPC, or by a program inside. The pod worker
/// starts probes with a container and hears of changes only.
@NullMarked
package io.coxswain.node.probe;

import org.jspecify.annotations.NullMarked;
