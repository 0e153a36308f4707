package io.coxswain.node.network;

import io.coxswain.node.host.Namespaces;
import io.coxswain.node.netlink.LinuxNetlink;
import io.coxswain.node.netlink.Netlink;
import io.coxswain.node.service.Conntrack;
import io.coxswain.node.service.LibNftables;
import io.coxswain.node.service.NetlinkConntrack;
import io.coxswain.node.service.Nftables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What of the kernel the node's network works on.
record Kernel(
    OwnNamespace own,
    Netlink netlink,
    Nftables nftables,
    Conntrack conntrack,
    PodLinks.PodNetlink pods,
    Sysctls sysctls)
    implements AutoCloseable {

  /// Settings below /proc/sys.
  interface Sysctls {

    /// @param name as `net/ipv4/ip_forward`
    void set(String name, String value) throws IOException;
  }

  static Kernel open(OwnNamespace own, Namespaces namespaces) throws IOException {
    return own.call(() ->
        new Kernel(
            own,
            LinuxNetlink.open(),
            LibNftables.openOrProgram(),
            NetlinkConntrack.open(),
            PodLinks.by(namespaces),
            (name, value) -> own.call(() -> write(name, value))));
  }

  private static Path write(String name, String value) throws IOException {
    Path file = Path.of("/proc/sys").resolve(name);
    if (Files.readString(file).strip().equals(value)) {
      return file;
    }
    try {
      return Files.writeString(file, value);
    } catch (IOException e) {
      throw new IOException(
          "cannot set %s to %s: is /proc/sys writable, and are we root?".formatted(file, value), e);
    }
  }

  @Override
  public void close() {
    netlink.close();
    nftables.close();
    conntrack.close();
  }
}
