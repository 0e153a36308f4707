package io.coxswain.node.network;

import io.coxswain.node.netlink.MacAddress;
import io.coxswain.node.netlink.Netlink;
import io.coxswain.node.netlink.Netlink.Address;
import io.coxswain.node.netlink.Netlink.Link;
import io.coxswain.node.netlink.Netlink.Route;
import io.coxswain.node.network.NodeRoutes.Plan;
import io.coxswain.node.network.NodeRoutes.TunnelPeer;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The node's own devices, addresses and routes: the one with its address, the tunnel, the ways to
/// other nodes. Every call makes what is missing and leaves alone what is right. Not safe for use
/// by many threads.
final class NodeLinks {

  static final String TUNNEL = "cxs-vxlan";
  private static final Logger LOG = LoggerFactory.getLogger(NodeLinks.class);
  private static final int BRIDGE_USE = 0x42;
  private static final int TUNNEL_IDENTIFIER = 4_096_244;
  private static final int TUNNEL_PORT = 8472;
  private static final int TUNNEL_BYTES = 50;
  private static final int USUAL_MTU = 1500;

  private final Netlink netlink;
  private final NodeNetworkOptions options;
  private List<TunnelPeer> tunnelled = List.of();

  NodeLinks(Netlink netlink, NodeNetworkOptions options) {
    this.netlink = netlink;
    this.options = options;
  }

  /// The device that has the node's address among its pods' (a bridge without ports: every kernel
  /// has that), and the route that makes service addresses reachable from the node itself even
  /// where there is no default route.
  void ensureDevice(Cidr pods) throws IOException {
    InetAddress gateway = gateway(pods);
    Optional<Link> found = netlink.link(options.device());
    if (found.isEmpty()) {
      netlink.addBridge(options.device(), MacAddress.of(BRIDGE_USE, gateway), mtu());
    } else if (!found.get().kind().equals("bridge")) {
      throw new IOException(
          "the device %s is no bridge: choose another name for the node's device"
              .formatted(options.device()));
    }
    Link device = present(options.device());
    netlink.bringUp(device.index());
    Address own = new Address(device.index(), gateway, pods.prefixLength());
    for (Address address : netlink.addresses()) {
      if (address.link() == device.index() && !address.equals(own)) {
        netlink.deleteAddress(address);
      }
    }
    netlink.addAddress(own);
    netlink.replaceRoute(serviceRoute(device, gateway));
  }

  /// The second address of the range: the first names the range itself.
  static InetAddress gateway(Cidr pods) {
    return pods.address(1);
  }

  private Route serviceRoute(Link device, InetAddress gateway) {
    return new Route(
        options.serviceCidr().address(0),
        options.serviceCidr().prefixLength(),
        Optional.empty(),
        device.index(),
        false,
        Optional.of(gateway));
  }

  void ensureRoutes(Cidr pods, List<NodeRoutes.Peer> peers) throws IOException {
    Link device = present(options.device());
    List<Address> own =
        netlink.addresses().stream()
            .filter(address -> address.link() != device.index())
            .filter(address -> !address.address().isLoopbackAddress())
            .toList();
    Plan plan = NodeRoutes.plan(peers, own);
    List<Route> wanted = new ArrayList<>(plan.direct());
    wanted.add(serviceRoute(device, gateway(pods)));
    if (!plan.tunnelled().isEmpty()) {
      wanted.addAll(tunnel(pods, plan.tunnelled()));
    }
    List<Route> present = netlink.ownRoutes();
    for (Route route : wanted) {
      if (!present.contains(route)) {
        set(route);
      }
    }
    for (Route route : present) {
      // Routes to single pods are not ours to judge.
      if (route.gateway().isPresent()
          && wanted.stream().noneMatch(other -> sameDestination(other, route))) {
        netlink.deleteRoute(route);
      }
    }
    tunnelled = plan.tunnelled();
  }

  /// One node's route that the kernel refuses must not keep those to the others away.
  private void set(Route route) {
    try {
      netlink.replaceRoute(route);
    } catch (IOException e) {
      LOG.warn("A route to another node's pods could not be set", e);
    }
  }

  private static boolean sameDestination(Route one, Route other) {
    return one.destination().equals(other.destination())
        && one.prefixLength() == other.prefixLength();
  }

  private List<Route> tunnel(Cidr pods, List<TunnelPeer> peers) throws IOException {
    InetAddress inner = pods.address(0);
    if (netlink.link(TUNNEL).isEmpty()) {
      netlink.addVxlan(
          new Netlink.Vxlan(
              TUNNEL,
              TUNNEL_IDENTIFIER,
              TUNNEL_PORT,
              options.nodeAddress(),
              NodeRoutes.tunnelAddress(inner),
              mtu() - TUNNEL_BYTES));
    }
    Link tunnel = present(TUNNEL);
    netlink.addAddress(new Address(tunnel.index(), inner, 32));
    netlink.bringUp(tunnel.index());
    for (TunnelPeer gone : tunnelled) {
      if (!peers.contains(gone)) {
        netlink.deleteNeighbour(tunnel.index(), gone.inner());
        netlink.deleteForwarding(tunnel.index(), gone.link(), gone.node());
      }
    }
    List<Route> routes = new ArrayList<>();
    for (TunnelPeer peer : peers) {
      netlink.replaceNeighbour(tunnel.index(), peer.inner(), peer.link());
      netlink.replaceForwarding(tunnel.index(), peer.link(), peer.node());
      routes.add(NodeRoutes.throughTunnel(peer, tunnel.index()));
    }
    return routes;
  }

  /// Of the device that has the node's address, if nothing else is asked for.
  int mtu() throws IOException {
    if (options.mtu() > 0) {
      return options.mtu();
    }
    for (Address address : netlink.addresses()) {
      if (address.address().equals(options.nodeAddress())) {
        int mtu = netlink.link(address.link()).map(Link::mtu).orElse(USUAL_MTU);
        return address.address().isLoopbackAddress() ? USUAL_MTU : mtu;
      }
    }
    return USUAL_MTU;
  }

  private Link present(String name) throws IOException {
    return netlink
        .link(name)
        .orElseThrow(() -> new IOException("the device %s is gone".formatted(name)));
  }

  void purge() throws IOException {
    for (Route route : netlink.ownRoutes()) {
      netlink.deleteRoute(route);
    }
    netlink.deleteLink(TUNNEL);
    netlink.deleteLink(options.device());
  }
}
