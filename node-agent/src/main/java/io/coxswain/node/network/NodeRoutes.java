package io.coxswain.node.network;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeAddress;
import io.coxswain.node.netlink.MacAddress;
import io.coxswain.node.netlink.Netlink;
import io.coxswain.node.netlink.Netlink.Route;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The ways to the pods of other nodes. Pure.
///
/// A node on a subnet of this node is the next hop for its pods. To any other, packets go through a
/// tunnel; what has to be known of its far end (address, link-layer address) follows from the
/// node's range of pods, so nodes need to tell each other nothing.
final class NodeRoutes {

  private static final int TUNNEL_USE = 0x56;

  /// Another node.
  record Peer(String name, InetAddress address, Cidr pods) {}

  /// A node reached by the tunnel.
  ///
  /// @param inner its address within the tunnel
  record TunnelPeer(Cidr pods, InetAddress inner, MacAddress link, InetAddress node) {}

  /// @param direct with the index of the link
  record Plan(List<Route> direct, List<TunnelPeer> tunnelled) {
    Plan {
      direct = List.copyOf(direct);
      tunnelled = List.copyOf(tunnelled);
    }
  }

  private NodeRoutes() {}

  /// All nodes but this one that have an address and a range of pods.
  static List<Peer> peers(Collection<Node> nodes, String ownName) {
    List<Peer> peers = new ArrayList<>();
    for (Node node : nodes) {
      String name = node.getMetadata().getName();
      Optional<InetAddress> address = internalAddress(node);
      Optional<Cidr> pods = pods(node);
      if (!name.equals(ownName) && address.isPresent() && pods.isPresent()) {
        peers.add(new Peer(name, address.get(), pods.get()));
      }
    }
    peers.sort(Comparator.comparing(Peer::name));
    return peers;
  }

  /// The node's range of pod addresses, once it was given one that can be read.
  static Optional<Cidr> pods(Node node) {
    try {
      String range = node.getSpec().getPodCIDR();
      return range.isEmpty() ? Optional.empty() : Optional.of(Cidr.parse(range));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<InetAddress> internalAddress(Node node) {
    return node.getStatus().getAddressesList().stream()
        .filter(address -> address.getType().equals("InternalIP"))
        .map(NodeAddress::getAddress)
        .flatMap(text -> {
          try {
            return Optional.of(InetAddress.ofLiteral(text)).stream();
          } catch (IllegalArgumentException e) {
            return Optional.<InetAddress>empty().stream();
          }
        })
        .filter(Inet4Address.class::isInstance)
        .findFirst();
  }

  /// @param own addresses of this node, with the links that they are on
  static Plan plan(Collection<Peer> peers, Collection<Netlink.Address> own) {
    List<Route> direct = new ArrayList<>();
    List<TunnelPeer> tunnelled = new ArrayList<>();
    for (Peer peer : peers) {
      Optional<Netlink.Address> neighbour =
          own.stream()
              .filter(address -> address.prefixLength() < 32)
              .filter(address ->
                  Cidr.of(address.address(), address.prefixLength()).contains(peer.address()))
              .max(Comparator.comparingInt(Netlink.Address::prefixLength));
      if (neighbour.isPresent()) {
        direct.add(route(peer.pods(), peer.address(), neighbour.get().link(), false));
      } else {
        InetAddress inner = peer.pods().address(0);
        tunnelled.add(new TunnelPeer(peer.pods(), inner, tunnelAddress(inner), peer.address()));
      }
    }
    return new Plan(direct, tunnelled);
  }

  static Route throughTunnel(TunnelPeer peer, int tunnel) {
    return route(peer.pods(), peer.inner(), tunnel, true);
  }

  static MacAddress tunnelAddress(InetAddress inner) {
    return MacAddress.of(TUNNEL_USE, inner);
  }

  private static Route route(Cidr pods, InetAddress gateway, int link, boolean onLink) {
    return new Route(
        pods.address(0), pods.prefixLength(), Optional.of(gateway), link, onLink, Optional.empty());
  }
}
