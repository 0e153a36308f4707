package io.coxswain.node.netlink;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Links, addresses, routes and neighbours of one network namespace. IPv4 only. Safe for use by
/// many threads; every call blocks until the kernel has done it (mostly under a millisecond) and
/// throws [NetlinkException] when it refused.
public interface Netlink extends AutoCloseable {

  /// @param master index of the bridge that it is a port of, or 0
  /// @param kind as `bridge`, `veth`, `vxlan`; empty for physical ones
  record Link(int index, String name, int mtu, int master, boolean up, String kind) {}

  record Address(int link, InetAddress address, int prefixLength) {}

  /// A pair of devices: one end here, brought up, the other in another namespace, where it is left
  /// down.
  ///
  /// @param bridge index of the bridge that this end is a port of, or 0
  /// @param peerNamespace file of the namespace in which the other end is to be
  record Veth(
      String name,
      MacAddress address,
      int mtu,
      int bridge,
      String peerName,
      MacAddress peerAddress,
      Path peerNamespace) {}

  /// A VXLAN device that learns nothing: it knows only the peers it is told.
  ///
  /// @param local address that packets to peers come from
  record Vxlan(
      String name, int identifier, int port, InetAddress local, MacAddress address, int mtu) {}

  /// @param gateway empty for a route to the link itself
  /// @param onLink takes the gateway to be reachable on the link, though no address says so
  /// @param source address that own connections this way come from; empty leaves it to the kernel
  record Route(
      InetAddress destination,
      int prefixLength,
      Optional<InetAddress> gateway,
      int link,
      boolean onLink,
      Optional<InetAddress> source) {}

  Optional<Link> link(String name) throws IOException;

  Optional<Link> link(int index) throws IOException;

  void addBridge(String name, MacAddress address, int mtu) throws IOException;

  /// @throws NetlinkException with EEXIST when a device of that name is there
  void addVeth(Veth veth) throws IOException;

  void addVxlan(Vxlan vxlan) throws IOException;

  void bringUp(int link) throws IOException;

  /// No such device is fine.
  void deleteLink(String name) throws IOException;

  List<Address> addresses() throws IOException;

  /// Adds the address; one that is there already is fine.
  void addAddress(Address address) throws IOException;

  void deleteAddress(Address address) throws IOException;

  /// The routes that this program has made, by their protocol number.
  List<Route> ownRoutes() throws IOException;

  /// The index of the link that packets to this address leave by.
  int linkTowards(InetAddress address) throws IOException;

  /// Adds the route, or replaces the one to the same destination.
  void replaceRoute(Route route) throws IOException;

  /// No such route is fine.
  void deleteRoute(Route route) throws IOException;

  /// Tells for good which link-layer address has `address` on the link.
  void replaceNeighbour(int link, InetAddress address, MacAddress linkAddress) throws IOException;

  void deleteNeighbour(int link, InetAddress address) throws IOException;

  /// Tells a VXLAN device behind which node a link-layer address is.
  void replaceForwarding(int link, MacAddress linkAddress, InetAddress node) throws IOException;

  void deleteForwarding(int link, MacAddress linkAddress, InetAddress node) throws IOException;

  @Override
  void close();
}
