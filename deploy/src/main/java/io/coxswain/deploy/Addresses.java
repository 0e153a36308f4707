package io.coxswain.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;

/// Under which address this machine is reached by others.
final class Addresses {

  /// Reserved for documentation (RFC 5737): no packet is sent, the kernel only looks up the route.
  private static final InetSocketAddress FAR = new InetSocketAddress("192.0.2.1", 9);

  private Addresses() {}

  /// The source address of the default route; else the first one that is not loopback; else
  /// loopback.
  static InetAddress own() {
    try {
      try (DatagramSocket socket = new DatagramSocket()) {
        socket.connect(FAR);
        InetAddress local = socket.getLocalAddress();
        if (isUsable(local)) {
          return local;
        }
      } catch (IOException | UncheckedIOException e) {
        // no default route
      }
      return NetworkInterface.networkInterfaces()
          .filter(link -> !link.getName().startsWith("cxs"))
          .flatMap(NetworkInterface::inetAddresses)
          .filter(Addresses::isUsable)
          .findFirst()
          .orElse(InetAddress.ofLiteral("127.0.0.1"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list this machine's addresses", e);
    }
  }

  private static boolean isUsable(InetAddress address) {
    return address instanceof Inet4Address
        && !address.isLoopbackAddress()
        && !address.isAnyLocalAddress()
        && !address.isLinkLocalAddress();
  }

  /// This machine's name as a node's: lower case, without what such a name may not have.
  static String hostName() {
    try {
      String name =
          java.nio.file.Files.readString(java.nio.file.Path.of("/proc/sys/kernel/hostname"))
              .strip();
      String clean =
          name.toLowerCase(java.util.Locale.ROOT)
              .replaceAll("[^a-z0-9.-]", "-")
              .replaceAll("^[^a-z0-9]+|[^a-z0-9]+$", "");
      return clean.isEmpty() ? "node" : clean;
    } catch (IOException e) {
      return "node";
    }
  }
}
