/// A pod's network: an address in its namespace, routes, name resolution. The pod worker asks
/// [PodNetwork] right after the sandbox's namespaces are made and before they go.
@NullMarked
package io.coxswain.node.network;

import org.jspecify.annotations.NullMarked;
