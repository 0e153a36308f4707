package io.coxswain.node.service;

import io.coxswain.node.network.Cidr;
import java.net.InetAddress;
import java.util.List;

/// What the rules need to know of this node.
///
/// @param pods addresses of this node's pods
/// @param cluster addresses of all pods
/// @param services addresses of Services
/// @param podDevices what the names of pods' devices on the node begin with
/// @param gateway own address among the pods'
public record NodeFacts(
    String nodeName,
    String podDevices,
    Cidr pods,
    Cidr cluster,
    Cidr services,
    InetAddress gateway,
    InetAddress dnsService,
    int dnsPort,
    List<HostPortRule> hostPorts) {

  public NodeFacts {
    hostPorts = List.copyOf(hostPorts);
  }

  /// A port of the node that leads to a pod.
  ///
  /// @param hostAddress empty for all of the node's addresses
  public record HostPortRule(
      String hostAddress, String protocol, int hostPort, InetAddress pod, int podPort) {}
}
