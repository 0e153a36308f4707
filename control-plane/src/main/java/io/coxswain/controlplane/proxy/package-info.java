/// Requests that are handed on to somebody else's server: to pods, to the pods of Services, and,
/// for [io.coxswain.controlplane.aggregation], to servers that extend the API.
///
/// [io.coxswain.controlplane.proxy.ReverseProxy] passes one request and its answer, piece by piece,
/// on blocking sockets: who is slow holds up the other, and nothing is kept whole. Where the
/// sockets lead is an [io.coxswain.controlplane.proxy.Upstream]: to a pod by way of its node, or
/// where this machine's own network does. [io.coxswain.controlplane.proxy.ObjectProxies] answers
/// the `proxy` subresources with it.
@NullMarked
package io.coxswain.controlplane.proxy;

import org.jspecify.annotations.NullMarked;
