package io.coxswain.controlplane;

import io.coxswain.controlplane.storage.EtcdOptions;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How a control plane is to run.
///
/// @param dataDirectory keeps `pki/`
/// @param etcd where the store is; nothing keeps everything in memory only, for tests
/// @param restAddresses where HTTPS is listened for; port 0 takes a free one
/// @param localSocket where the administrator's tools on this machine are listened for, a file in a
///   folder of its own; nothing for HTTPS alone
/// @param grpcAddresses where components and agents dial in; port 0 takes a free one
/// @param advertiseAddresses IP addresses or names under which others reach this server, the first
///   one preferred
/// @param serviceRange cluster IPs of Services, as CIDR
/// @param podRange addresses of pods, as CIDR; each node gets a /24 of it
/// @param nodeMonitorGrace how long a node may be silent before it counts as lost
/// @param encryption the file that says which kinds lie encrypted in the store; nothing for one of
///   the server's own, by which Secrets do
/// @param controllers whether controllers run here
/// @param serving how requests are served
public record ControlPlaneOptions(
    Path dataDirectory,
    Optional<EtcdOptions> etcd,
    List<InetSocketAddress> restAddresses,
    Optional<Path> localSocket,
    List<InetSocketAddress> grpcAddresses,
    List<String> advertiseAddresses,
    String serviceRange,
    String podRange,
    Duration nodeMonitorGrace,
    Optional<Path> encryption,
    boolean controllers,
    ServingOptions serving) {

  public static final int REST_PORT = 6443;
  public static final int GRPC_PORT = 6444;

  public ControlPlaneOptions {
    restAddresses = List.copyOf(restAddresses);
    grpcAddresses = List.copyOf(grpcAddresses);
    advertiseAddresses = List.copyOf(advertiseAddresses);
    if (restAddresses.isEmpty() || grpcAddresses.isEmpty()) {
      throw new IllegalArgumentException("a control plane needs an address to listen on");
    }
    if (advertiseAddresses.isEmpty()) {
      throw new IllegalArgumentException("a control plane needs an address that others can reach");
    }
  }

  /// Loopback only, on the usual ports.
  public static ControlPlaneOptions local(Path dataDirectory, Optional<EtcdOptions> etcd) {
    return listening(dataDirectory, etcd, "127.0.0.1", REST_PORT, GRPC_PORT);
  }

  /// Everything in memory, on free ports of loopback.
  public static ControlPlaneOptions inMemory(Path dataDirectory) {
    return listening(dataDirectory, Optional.empty(), "127.0.0.1", 0, 0);
  }

  private static ControlPlaneOptions listening(
      Path dataDirectory, Optional<EtcdOptions> etcd, String address, int rest, int grpc) {
    return new ControlPlaneOptions(
        dataDirectory,
        etcd,
        List.of(new InetSocketAddress(address, rest)),
        Optional.empty(),
        List.of(new InetSocketAddress(address, grpc)),
        List.of(address),
        "10.96.0.0/16",
        "10.244.0.0/16",
        Duration.ofSeconds(10),
        Optional.empty(),
        true,
        ServingOptions.DEFAULT);
  }

  /// Also listens on these addresses, and tells others to use them.
  public ControlPlaneOptions advertising(List<String> addresses) {
    List<String> all = new java.util.ArrayList<>(addresses);
    advertiseAddresses.stream().filter(known -> !all.contains(known)).forEach(all::add);
    return new ControlPlaneOptions(
        dataDirectory,
        etcd,
        with(restAddresses, addresses),
        localSocket,
        with(grpcAddresses, addresses),
        all,
        serviceRange,
        podRange,
        nodeMonitorGrace,
        encryption,
        controllers,
        serving);
  }

  public ControlPlaneOptions withLocalSocket(Path file) {
    return new ControlPlaneOptions(
        dataDirectory,
        etcd,
        restAddresses,
        Optional.of(file),
        grpcAddresses,
        advertiseAddresses,
        serviceRange,
        podRange,
        nodeMonitorGrace,
        encryption,
        controllers,
        serving);
  }

  public ControlPlaneOptions withoutControllers() {
    return new ControlPlaneOptions(
        dataDirectory,
        etcd,
        restAddresses,
        localSocket,
        grpcAddresses,
        advertiseAddresses,
        serviceRange,
        podRange,
        nodeMonitorGrace,
        encryption,
        false,
        serving);
  }

  public ControlPlaneOptions withNodeMonitorGrace(Duration grace) {
    return new ControlPlaneOptions(
        dataDirectory,
        etcd,
        restAddresses,
        localSocket,
        grpcAddresses,
        advertiseAddresses,
        serviceRange,
        podRange,
        grace,
        encryption,
        controllers,
        serving);
  }

  public ControlPlaneOptions withEncryption(Path file) {
    return new ControlPlaneOptions(
        dataDirectory,
        etcd,
        restAddresses,
        localSocket,
        grpcAddresses,
        advertiseAddresses,
        serviceRange,
        podRange,
        nodeMonitorGrace,
        Optional.of(file),
        controllers,
        serving);
  }

  public ControlPlaneOptions serving(ServingOptions how) {
    return new ControlPlaneOptions(
        dataDirectory,
        etcd,
        restAddresses,
        localSocket,
        grpcAddresses,
        advertiseAddresses,
        serviceRange,
        podRange,
        nodeMonitorGrace,
        encryption,
        controllers,
        how);
  }

  /// The first address of the service range: where pods find the API.
  public String apiServiceAddress() {
    String base = serviceRange.substring(0, serviceRange.indexOf('/'));
    int dot = base.lastIndexOf('.');
    return base.substring(0, dot + 1) + (Integer.parseInt(base.substring(dot + 1)) + 1);
  }

  private static List<InetSocketAddress> with(
      List<InetSocketAddress> known, List<String> addresses) {
    List<InetSocketAddress> all = new java.util.ArrayList<>(known);
    int port = known.getFirst().getPort();
    for (String address : addresses) {
      InetSocketAddress more = new InetSocketAddress(address, port);
      if (!all.contains(more)) {
        all.add(more);
      }
    }
    return all;
  }
}
