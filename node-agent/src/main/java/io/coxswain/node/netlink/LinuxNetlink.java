package io.coxswain.node.netlink;

import static io.coxswain.node.netlink.NetlinkMessage.CREATE;
import static io.coxswain.node.netlink.NetlinkMessage.DUMP;
import static io.coxswain.node.netlink.NetlinkMessage.EXCLUSIVE;
import static io.coxswain.node.netlink.NetlinkMessage.REPLACE;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// [Netlink] by rtnetlink(7). The numbers are those of linux/rtnetlink.h, if_link.h, if_addr.h and
/// neighbour.h.
public final class LinuxNetlink implements Netlink {

  private static final int NEW_LINK = 16;
  private static final int DEL_LINK = 17;
  private static final int GET_LINK = 18;
  private static final int NEW_ADDRESS = 20;
  private static final int DEL_ADDRESS = 21;
  private static final int GET_ADDRESS = 22;
  private static final int NEW_ROUTE = 24;
  private static final int DEL_ROUTE = 25;
  private static final int GET_ROUTE = 26;
  private static final int NEW_NEIGHBOUR = 28;
  private static final int DEL_NEIGHBOUR = 29;

  private static final int AF_INET = 2;
  private static final int AF_BRIDGE = 7;
  private static final int UP = 1;
  private static final int TABLE_MAIN = 254;
  private static final int SCOPE_UNIVERSE = 0;
  private static final int SCOPE_LINK = 253;
  private static final int UNICAST = 1;
  private static final int ON_LINK = 4;
  private static final int PERMANENT = 0x80;
  private static final int NEIGHBOUR_SELF = 2;

  /// Marks routes as this program's; see /etc/iproute2/rt_protos for those of others.
  private static final int OWN_PROTOCOL = 67;

  /// The prefix of one address.
  private static final int SINGLE = 32;

  private static final int LINK_HEADER = 16;
  private static final int ADDRESS_HEADER = 8;
  private static final int ROUTE_HEADER = 12;

  private final NetlinkSocket socket;

  private LinuxNetlink(NetlinkSocket socket) {
    this.socket = socket;
  }

  /// Of the calling thread's network namespace.
  public static LinuxNetlink open() throws IOException {
    return new LinuxNetlink(NetlinkSocket.open(NetlinkSocket.ROUTE));
  }

  @Override
  public Optional<Link> link(String name) throws IOException {
    return find(linkMessage("look for the device " + name, GET_LINK, 0, 0, 0).attribute(3, name));
  }

  @Override
  public Optional<Link> link(int index) throws IOException {
    return find(linkMessage("look for the device " + index, GET_LINK, 0, index, 0));
  }

  private Optional<Link> find(NetlinkMessage request) throws IOException {
    try {
      return socket.request(request).stream()
          .filter(reply -> reply.type() == NEW_LINK)
          .map(LinuxNetlink::link)
          .findFirst();
    } catch (NetlinkException e) {
      if (e.errno() == NetlinkException.ENODEV) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static Link link(NetlinkReply reply) {
    Map<Integer, ByteBuffer> attributes = reply.attributes(LINK_HEADER);
    ByteBuffer info = attributes.get(18);
    ByteBuffer kind = info == null ? null : NetlinkReply.parse(info).get(1);
    return new Link(
        reply.u32(4),
        text(attributes, 3),
        number(attributes, 4),
        number(attributes, 10),
        (reply.u32(8) & UP) != 0,
        kind == null ? "" : NetlinkReply.text(kind));
  }

  @Override
  public void addBridge(String name, MacAddress address, int mtu) throws IOException {
    socket.request(
        linkMessage("add the bridge " + name, NEW_LINK, CREATE | EXCLUSIVE, 0, UP)
            .attribute(3, name)
            .attribute(1, address)
            .attributeU32(4, mtu)
            .nested(18, info -> info.attribute(1, "bridge")));
  }

  @Override
  public void addVeth(Veth veth) throws IOException {
    try (OpenFile namespace = OpenFile.open(veth.peerNamespace())) {
      socket.request(
          linkMessage("add the device " + veth.name(), NEW_LINK, CREATE | EXCLUSIVE, 0, UP)
              .attribute(3, veth.name())
              .attributeU32(4, veth.mtu())
              .attribute(1, veth.address())
              // Of no bridge: 0 means none.
              .attributeU32(10, veth.bridge())
              .nested(
                  18,
                  info ->
                      info.attribute(1, "veth")
                          .nested(2, data -> data.nested(1, peer -> peer(peer, veth, namespace)))));
    }
  }

  private static void peer(NetlinkMessage peer, Veth veth, OpenFile namespace) {
    // It cannot be up before its other end is there.
    peer.u8(0, 0).u16(0).u32(0).u32(0).u32(0);
    peer.attribute(3, veth.peerName())
        .attribute(1, veth.peerAddress())
        .attributeU32(4, veth.mtu())
        .attributeU32(28, namespace.descriptor());
  }

  @Override
  public void addVxlan(Vxlan vxlan) throws IOException {
    socket.request(
        linkMessage("add the device " + vxlan.name(), NEW_LINK, CREATE | EXCLUSIVE, 0, UP)
            .attribute(3, vxlan.name())
            .attribute(1, vxlan.address())
            .attributeU32(4, vxlan.mtu())
            .nested(
                18,
                info ->
                    info.attribute(1, "vxlan")
                        .nested(
                            2,
                            data ->
                                data.attributeU32(1, vxlan.identifier())
                                    .attribute(4, vxlan.local())
                                    .attributeU8(7, 0)
                                    .attributeNetworkU16(15, vxlan.port()))));
  }

  @Override
  public void bringUp(int link) throws IOException {
    socket.request(linkMessage("bring the device " + link + " up", NEW_LINK, 0, link, UP));
  }

  @Override
  public void deleteLink(String name) throws IOException {
    ignoring(
        linkMessage("delete the device " + name, DEL_LINK, 0, 0, 0).attribute(3, name),
        NetlinkException.ENODEV);
  }

  @Override
  public List<Address> addresses() throws IOException {
    List<Address> addresses = new ArrayList<>();
    NetlinkMessage request =
        new NetlinkMessage("list addresses", GET_ADDRESS, DUMP).u8(AF_INET, 0, 0, 0).u32(0);
    for (NetlinkReply reply : socket.request(request)) {
      Map<Integer, ByteBuffer> attributes = reply.attributes(ADDRESS_HEADER);
      // IFA_LOCAL is the own end of a point-to-point link, where IFA_ADDRESS is the other.
      Optional<InetAddress> address = address(attributes, 2).or(() -> address(attributes, 1));
      if (reply.type() == NEW_ADDRESS && address.isPresent()) {
        addresses.add(new Address(reply.u32(4), address.get(), reply.u8(1)));
      }
    }
    return addresses;
  }

  @Override
  public void addAddress(Address address) throws IOException {
    ignoring(
        addressMessage("add the address ", address, NEW_ADDRESS, CREATE | EXCLUSIVE),
        NetlinkException.EEXIST);
  }

  @Override
  public void deleteAddress(Address address) throws IOException {
    ignoring(
        addressMessage("delete the address ", address, DEL_ADDRESS, 0),
        NetlinkException.EADDRNOTAVAIL);
  }

  private static NetlinkMessage addressMessage(String what, Address address, int type, int flags) {
    String text =
        "%s%s/%d".formatted(what, address.address().getHostAddress(), address.prefixLength());
    return new NetlinkMessage(text, type, flags)
        .u8(AF_INET, address.prefixLength(), PERMANENT, SCOPE_UNIVERSE)
        .u32(address.link())
        .attribute(2, address.address())
        .attribute(1, address.address());
  }

  @Override
  public List<Route> ownRoutes() throws IOException {
    List<Route> routes = new ArrayList<>();
    NetlinkMessage request =
        new NetlinkMessage("list routes", GET_ROUTE, DUMP).u8(AF_INET, 0, 0, 0, 0, 0, 0, 0).u32(0);
    for (NetlinkReply reply : socket.request(request)) {
      Map<Integer, ByteBuffer> attributes = reply.attributes(ROUTE_HEADER);
      Optional<InetAddress> destination = address(attributes, 1);
      if (reply.type() == NEW_ROUTE && reply.u8(5) == OWN_PROTOCOL && destination.isPresent()) {
        routes.add(
            new Route(
                destination.get(),
                reply.u8(1),
                address(attributes, 5),
                number(attributes, 4),
                (reply.u32(8) & ON_LINK) != 0,
                address(attributes, 7)));
      }
    }
    return routes;
  }

  /// Whether what the kernel tells may mean that something of this program's has gone.
  ///
  /// @param ignored names of devices of which nothing is news
  static boolean isNews(NetlinkReply told, Predicate<String> ignored) {
    return switch (told.type()) {
      case NEW_LINK -> (told.u32(8) & UP) != 0 && !ignored.test(linkName(told));
      case DEL_LINK -> !ignored.test(linkName(told));
      case NEW_ADDRESS, DEL_ADDRESS -> true;
      // those to single pods go with their pods
      case DEL_ROUTE -> told.u8(5) == OWN_PROTOCOL && told.u8(1) < SINGLE;
      default -> false;
    };
  }

  private static String linkName(NetlinkReply told) {
    return text(told.attributes(LINK_HEADER), 3);
  }

  @Override
  public int linkTowards(InetAddress address) throws IOException {
    String what = "look for the route to " + address.getHostAddress();
    NetlinkMessage request =
        new NetlinkMessage(what, GET_ROUTE, 0)
            .u8(AF_INET, 32, 0, 0, 0, 0, 0, 0)
            .u32(0)
            .attribute(1, address);
    for (NetlinkReply reply : socket.request(request)) {
      if (reply.type() == NEW_ROUTE) {
        return number(reply.attributes(ROUTE_HEADER), 4);
      }
    }
    throw new NetlinkException(what, NetlinkException.ESRCH, "");
  }

  @Override
  public void replaceRoute(Route route) throws IOException {
    socket.request(routeMessage("set the route to ", route, NEW_ROUTE, CREATE | REPLACE));
  }

  @Override
  public void deleteRoute(Route route) throws IOException {
    ignoring(routeMessage("delete the route to ", route, DEL_ROUTE, 0), NetlinkException.ESRCH);
  }

  private static NetlinkMessage routeMessage(String what, Route route, int type, int flags) {
    String text =
        "%s%s/%d".formatted(what, route.destination().getHostAddress(), route.prefixLength());
    int scope = route.gateway().isPresent() ? SCOPE_UNIVERSE : SCOPE_LINK;
    NetlinkMessage message =
        new NetlinkMessage(text, type, flags)
            .u8(AF_INET, route.prefixLength(), 0, 0, TABLE_MAIN, OWN_PROTOCOL, scope, UNICAST)
            .u32(route.onLink() ? ON_LINK : 0);
    if (route.prefixLength() > 0) {
      message.attribute(1, route.destination());
    }
    route.gateway().ifPresent(gateway -> message.attribute(5, gateway));
    route.source().ifPresent(source -> message.attribute(7, source));
    return message.attributeU32(4, route.link());
  }

  @Override
  public void replaceNeighbour(int link, InetAddress address, MacAddress linkAddress)
      throws IOException {
    socket.request(
        neighbour("set the neighbour ", AF_INET, link, NEW_NEIGHBOUR, CREATE | REPLACE, 0, address)
            .attribute(2, linkAddress));
  }

  @Override
  public void deleteNeighbour(int link, InetAddress address) throws IOException {
    ignoring(
        neighbour("delete the neighbour ", AF_INET, link, DEL_NEIGHBOUR, 0, 0, address),
        NetlinkException.ENOENT);
  }

  @Override
  public void replaceForwarding(int link, MacAddress linkAddress, InetAddress node)
      throws IOException {
    socket.request(
        neighbour(
                "set the way to node ",
                AF_BRIDGE,
                link,
                NEW_NEIGHBOUR,
                CREATE | REPLACE,
                NEIGHBOUR_SELF,
                node)
            .attribute(2, linkAddress));
  }

  @Override
  public void deleteForwarding(int link, MacAddress linkAddress, InetAddress node)
      throws IOException {
    ignoring(
        neighbour(
                "delete the way to node ", AF_BRIDGE, link, DEL_NEIGHBOUR, 0, NEIGHBOUR_SELF, node)
            .attribute(2, linkAddress),
        NetlinkException.ENOENT);
  }

  private static NetlinkMessage neighbour(
      String what, int family, int link, int type, int flags, int own, InetAddress address) {
    return new NetlinkMessage(what + address.getHostAddress(), type, flags)
        .u8(family, 0)
        .u16(0)
        .u32(link)
        .u16(PERMANENT)
        .u8(own, UNICAST)
        .attribute(1, address);
  }

  @Override
  public void close() {
    socket.close();
  }

  private static NetlinkMessage linkMessage(String what, int type, int flags, int index, int up) {
    return new NetlinkMessage(what, type, flags).u8(0, 0).u16(0).u32(index).u32(up).u32(up);
  }

  private void ignoring(NetlinkMessage message, int errno) throws IOException {
    try {
      socket.request(message);
    } catch (NetlinkException e) {
      if (e.errno() != errno) {
        throw e;
      }
    }
  }

  private static Optional<InetAddress> address(Map<Integer, ByteBuffer> attributes, int kind) {
    ByteBuffer value = attributes.get(kind);
    if (value == null || value.remaining() != 4) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByAddress(NetlinkReply.bytes(value)));
    } catch (IOException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  private static int number(Map<Integer, ByteBuffer> attributes, int kind) {
    ByteBuffer value = attributes.get(kind);
    return value == null || value.remaining() < 4 ? 0 : value.getInt(0);
  }

  private static String text(Map<Integer, ByteBuffer> attributes, int kind) {
    ByteBuffer value = attributes.get(kind);
    return value == null ? "" : NetlinkReply.text(value);
  }
}
