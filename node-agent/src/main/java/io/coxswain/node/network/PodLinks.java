package io.coxswain.node.network;

import io.coxswain.client.codec.Sha256;
import io.coxswain.node.host.Namespaces;
import io.coxswain.node.netlink.LinuxNetlink;
import io.coxswain.node.netlink.MacAddress;
import io.coxswain.node.netlink.Netlink;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;

/// The pair of devices between a pod and its node.
///
/// No bridge is between them: a pod has its address alone (/32), and the node a route to it. So
/// every packet passes the node's own routing, where services are translated both ways, and no pod
/// can pose as another. On a bridge, br_netfilter (which other programs switch on for the whole
/// host) would lead translated packets past that.
final class PodLinks {

  static final String POD_DEVICE = "eth0";

  /// With which the names of all nodes' ends begin.
  static final String PREFIX = "cxp";

  private static final int POD_USE = 0x43;

  /// All nodes' ends have it, so that a pod can be told for good.
  private static final MacAddress NODE_END =
      MacAddress.of(0x4e, InetAddress.ofLiteral("169.254.1.1"));

  private static final int LOOPBACK = 1;
  private static final InetAddress EVERYWHERE = InetAddress.ofLiteral("0.0.0.0");

  /// Opens [Netlink] in the namespace pinned at a path.
  interface PodNetlink {
    Netlink open(Path namespace) throws IOException;
  }

  private final Netlink node;
  private final PodNetlink pods;

  PodLinks(Netlink node, PodNetlink pods) {
    this.node = node;
    this.pods = pods;
  }

  /// Sockets into pods by the host's [Namespaces].
  static PodNetlink by(Namespaces namespaces) {
    return namespace -> {
      try {
        return namespaces.inNetwork(namespace, LinuxNetlink::open);
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException("open the network of " + namespace, e);
      }
    };
  }

  /// Makes what is missing. The devices of an earlier try that are only half there are made anew.
  ///
  /// @param gateway the node's address that the pod sends everything to
  void connect(String podUid, Path namespace, InetAddress address, InetAddress gateway, int mtu)
      throws IOException {
    String name = deviceName(podUid);
    try (Netlink pod = pods.open(namespace)) {
      Optional<Netlink.Link> inside = pod.link(POD_DEVICE);
      Optional<Netlink.Link> outside = node.link(name);
      if (inside.isEmpty() || outside.isEmpty()) {
        if (outside.isPresent()) {
          node.deleteLink(name);
        }
        if (inside.isPresent()) {
          pod.deleteLink(POD_DEVICE);
        }
        MacAddress podEnd = MacAddress.of(POD_USE, address);
        node.addVeth(new Netlink.Veth(name, NODE_END, mtu, 0, POD_DEVICE, podEnd, namespace));
        inside = pod.link(POD_DEVICE);
        outside = node.link(name);
      }
      inside(pod, present(inside, POD_DEVICE).index(), address, gateway);
      outside(present(outside, name).index(), address);
    }
  }

  private static void inside(Netlink pod, int device, InetAddress address, InetAddress gateway)
      throws IOException {
    pod.bringUp(LOOPBACK);
    pod.addAddress(new Netlink.Address(device, address, 32));
    pod.bringUp(device);
    pod.replaceNeighbour(device, gateway, NODE_END);
    pod.replaceRoute(
        new Netlink.Route(EVERYWHERE, 0, Optional.of(gateway), device, true, Optional.empty()));
  }

  private void outside(int device, InetAddress address) throws IOException {
    node.bringUp(device);
    node.replaceNeighbour(device, address, MacAddress.of(POD_USE, address));
    node.replaceRoute(
        new Netlink.Route(address, 32, Optional.empty(), device, false, Optional.empty()));
  }

  private static Netlink.Link present(Optional<Netlink.Link> link, String name) throws IOException {
    return link.orElseThrow(() -> new IOException("the device %s vanished".formatted(name)));
  }

  /// Both ends go at once.
  void disconnect(String podUid) throws IOException {
    node.deleteLink(deviceName(podUid));
  }

  /// At most 15 characters, which is what the kernel takes, and the same for a pod at any time.
  static String deviceName(String podUid) {
    return PREFIX + HexFormat.of().formatHex(Sha256.of(podUid), 0, 6);
  }
}
