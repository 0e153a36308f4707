package io.coxswain.scheduler.snapshot;

/// A port of the node that a pod takes for itself.
///
/// @param ip the node's address it is taken on; `0.0.0.0` for all
/// @param protocol TCP, UDP or SCTP
public record HostPort(String ip, String protocol, int port) {

  private static final String ANY = "0.0.0.0";

  public HostPort {
    ip = ip.isEmpty() || ip.equals("::") ? ANY : ip;
    protocol = protocol.isEmpty() ? "TCP" : protocol;
  }

  /// Whether both cannot be taken on one node.
  public boolean conflictsWith(HostPort other) {
    return port == other.port
        && protocol.equals(other.protocol)
        && (ip.equals(other.ip) || ip.equals(ANY) || other.ip.equals(ANY));
  }
}
