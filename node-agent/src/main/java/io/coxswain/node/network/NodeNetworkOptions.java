package io.coxswain.node.network;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;

/// How this node's network is to be.
///
/// @param nodeAddress of this node, that other nodes reach it by
/// @param stateFolder where address leases are kept; lives as long as the machine runs
/// @param device name of the device that has this node's address among its pods', at most 15
///   characters
/// @param clusterCidr addresses of all pods of the cluster
/// @param serviceCidr addresses of Services
/// @param dnsService address of the cluster's name service, within `serviceCidr`
/// @param dnsPort on which the name service listens at that address
/// @param mtu of the pods' devices; 0 takes that of the node's own device
/// @param resolvConfs files that may name the host's resolvers, the preferred one first
public record NodeNetworkOptions(
    String nodeName,
    InetAddress nodeAddress,
    Path stateFolder,
    String device,
    Cidr clusterCidr,
    Cidr serviceCidr,
    InetAddress dnsService,
    int dnsPort,
    String clusterDomain,
    int mtu,
    List<Path> resolvConfs) {

  public NodeNetworkOptions {
    resolvConfs = List.copyOf(resolvConfs);
    if (device.isEmpty() || device.length() > 15) {
      throw new IllegalArgumentException(
          "the device's name '%s' must have 1 to 15 characters".formatted(device));
    }
    if (!serviceCidr.contains(dnsService)) {
      throw new IllegalArgumentException(
          "the name service's address %s is not within the services' range %s"
              .formatted(dnsService.getHostAddress(), serviceCidr));
    }
  }

  /// The cluster's usual ranges.
  public static NodeNetworkOptions of(String nodeName, InetAddress nodeAddress, Path stateFolder) {
    return new NodeNetworkOptions(
        nodeName,
        nodeAddress,
        stateFolder,
        "cxs0",
        Cidr.parse("10.244.0.0/16"),
        Cidr.parse("10.96.0.0/16"),
        InetAddress.ofLiteral("10.96.0.10"),
        53,
        "cluster.local",
        0,
        List.of(Path.of("/etc/resolv.conf"), Path.of("/run/systemd/resolve/resolv.conf")));
  }

  public NodeNetworkOptions withDevice(String name) {
    return new NodeNetworkOptions(
        nodeName,
        nodeAddress,
        stateFolder,
        name,
        clusterCidr,
        serviceCidr,
        dnsService,
        dnsPort,
        clusterDomain,
        mtu,
        resolvConfs);
  }

  /// @param domain as `cluster.local`
  public NodeNetworkOptions withRanges(
      Cidr cluster, Cidr services, InetAddress dnsAddress, String domain) {
    return new NodeNetworkOptions(
        nodeName,
        nodeAddress,
        stateFolder,
        device,
        cluster,
        services,
        dnsAddress,
        dnsPort,
        domain,
        mtu,
        resolvConfs);
  }
}
