/// Talks with the kernel about links, addresses, routes, neighbours and tracked connections by
/// netlink sockets, so that nothing is forked when a pod comes or goes. [Netlink] is the seam:
/// [LinuxNetlink] the real one. A socket belongs for good to the network namespace in which it was
/// opened; who wants another opens one there.
@NullMarked
package io.coxswain.node.netlink;

import org.jspecify.annotations.NullMarked;
