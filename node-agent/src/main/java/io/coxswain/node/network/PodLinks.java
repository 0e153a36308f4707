package io.coxswain.node.network;

import io.coxswain.node.host.Namespaces;
import io.coxswain.node.netlink.LinuxNetlink;
import io.coxswain.node.netlink.MacAddress;
import io.coxswain.node.netlink.Netlink;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/// The pair of devices between a pod and the node's bridge.
///
/// A pod has its address alone (/32) and the bridge as the way to everything else, and the bridge's
/// ports cannot talk with each other: so every packet passes the node's own routing, where services
/// are translated both ways, and no pod can pose as another to a third.
final class PodLinks {

  static final String POD_DEVICE = "eth0";
  private static final int POD_USE = 0x43;
  private static final InetAddress EVERYWHERE = InetAddress.ofLiteral("0.0.0.0");

  /// Opens [Netlink] in the namespace pinned at a path.
  interface PodNetlink {
    Netlink open(Path namespace) throws IOException;
  }

  private final Netlink node;
  private final PodNetlink pods;
  private final String bridge;

  PodLinks(Netlink node, PodNetlink pods, String bridge) {
    this.node = node;
    this.pods = pods;
    this.bridge = bridge;
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
  void connect(String podUid, Path namespace, InetAddress address, InetAddress gateway)
      throws IOException {
    String name = deviceName(podUid);
    try (Netlink pod = pods.open(namespace)) {
      Optional<Netlink.Link> inside = pod.link(POD_DEVICE);
      if (inside.isEmpty() || node.link(name).isEmpty()) {
        node.deleteLink(name);
        pod.deleteLink(POD_DEVICE);
        addVeth(name, namespace, address);
        inside = pod.link(POD_DEVICE);
      }
      Netlink.Link device =
          inside.orElseThrow(() -> new IOException(POD_DEVICE + " of the pod vanished at once"));
      pod.bringUp(1);
      pod.addAddress(new Netlink.Address(device.index(), address, 32));
      pod.bringUp(device.index());
      pod.replaceRoute(
          new Netlink.Route(
              EVERYWHERE, 0, Optional.of(gateway), device.index(), true, Optional.empty()));
    }
  }

  private void addVeth(String name, Path namespace, InetAddress address) throws IOException {
    Netlink.Link master =
        node.link(bridge)
            .orElseThrow(() -> new IOException("the node's bridge %s is gone".formatted(bridge)));
    node.addVeth(
        new Netlink.Veth(
            name,
            master.mtu(),
            master.index(),
            POD_DEVICE,
            MacAddress.of(POD_USE, address),
            namespace));
    Netlink.Link port =
        node.link(name).orElseThrow(() -> new IOException(name + " vanished at once"));
    node.isolatePort(port.index());
  }

  /// Both ends go at once.
  void disconnect(String podUid) throws IOException {
    node.deleteLink(deviceName(podUid));
  }

  /// At most 15 characters, which is what the kernel takes, and the same for a pod at any time.
  static String deviceName(String podUid) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(podUid.getBytes(StandardCharsets.UTF_8));
      return "cxp" + HexFormat.of().formatHex(digest, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
