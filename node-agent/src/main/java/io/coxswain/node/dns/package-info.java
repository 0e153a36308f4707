/// Answers names on this node: Services, endpoints and pods below the cluster's domain, as the
/// Kubernetes DNS specification 1.1.0 says, and passes all other questions on to the resolvers of
/// the host.
///
/// The flow: a datagram or a TCP message → [DnsQuery] → [ClusterZone] (pure, over what the
/// informers know) → [DnsResponse] → bytes; or [Forwarder] when the name is not ours. [DnsServer]
/// is the sockets and threads around it. [ResolvConf] is what points a pod's resolver here.
///
/// Messages are read and written here rather than by a library: what is forwarded must pass byte
/// for byte, and of the records that we make, most would have to be encoded by hand all the same.
@NullMarked
package io.coxswain.node.dns;

import org.jspecify.annotations.NullMarked;
