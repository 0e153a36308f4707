package io.coxswain.node.network;

import io.coxswain.node.network.PodNetwork.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which pod has which address and ports of the node, in memory and in files. Safe for use by many
/// threads.
final class PodLeases {

  private static final Duration REST = Duration.ofSeconds(60);

  private final LeaseFolder folder;
  private final InstantSource clock;
  private final Map<String, Lease> leases = new LinkedHashMap<>();
  private Optional<AddressPool> pool = Optional.empty();

  /// Reads what an agent before this one gave out.
  PodLeases(LeaseFolder folder, InstantSource clock) throws IOException {
    this.folder = folder;
    this.clock = clock;
    for (Lease lease : folder.load()) {
      leases.put(lease.podUid(), lease);
    }
  }

  /// Addresses come from this range from now on.
  synchronized void useRange(Cidr range) {
    AddressPool addresses = new AddressPool(range, REST, clock);
    leases.values().forEach(lease -> addresses.take(lease.address()));
    pool = Optional.of(addresses);
  }

  /// The pod's lease, or a new one.
  ///
  /// @throws IOException when no address is left, or another pod has one of the ports
  synchronized Lease lease(String podUid, List<HostPort> ports) throws IOException {
    Lease known = leases.get(podUid);
    if (known != null && known.hostPorts().equals(ports)) {
      return known;
    }
    checkPorts(podUid, ports);
    AddressPool addresses =
        pool.orElseThrow(() -> new IOException("the node has no range of pod addresses yet"));
    InetAddress address =
        known == null
            ? addresses
                .take()
                .orElseThrow(() ->
                    new IOException(
                        "no pod address is left on this node: %d pods have one"
                            .formatted(leases.size())))
            : known.address();
    Lease lease = new Lease(podUid, address, ports);
    try {
      folder.write(lease);
    } catch (IOException e) {
      if (known == null) {
        addresses.release(address);
      }
      throw e;
    }
    leases.put(podUid, lease);
    return lease;
  }

  private void checkPorts(String podUid, List<HostPort> ports) throws IOException {
    for (Lease other : leases.values()) {
      for (HostPort taken : other.hostPorts()) {
        for (HostPort port : ports) {
          if (!other.podUid().equals(podUid) && overlap(taken, port)) {
            throw new IOException(
                "the node's port %d/%s belongs to pod %s already"
                    .formatted(port.hostPort(), port.protocol(), other.podUid()));
          }
        }
      }
    }
  }

  private static boolean overlap(HostPort one, HostPort other) {
    boolean addresses =
        everywhere(one) || everywhere(other) || one.hostAddress().equals(other.hostAddress());
    return addresses
        && one.hostPort() == other.hostPort()
        && one.protocol().equals(other.protocol());
  }

  private static boolean everywhere(HostPort port) {
    return port.hostAddress().isEmpty() || port.hostAddress().equals("0.0.0.0");
  }

  synchronized Optional<Lease> find(String podUid) {
    return Optional.ofNullable(leases.get(podUid));
  }

  /// The address rests for a while before another pod gets it.
  synchronized void release(String podUid) throws IOException {
    folder.delete(podUid);
    Lease lease = leases.remove(podUid);
    if (lease != null) {
      pool.ifPresent(addresses -> addresses.release(lease.address()));
    }
  }

  synchronized Collection<Lease> all() {
    return List.copyOf(leases.values());
  }
}
