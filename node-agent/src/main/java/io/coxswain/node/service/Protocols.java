package io.coxswain.node.service;

/// Names of transport protocols.
final class Protocols {

  private Protocols() {}

  /// As nft has it.
  ///
  /// @param protocol as the API has it; empty means TCP
  static String nft(String protocol) {
    return switch (protocol) {
      case "", "TCP" -> "tcp";
      case "UDP" -> "udp";
      case "SCTP" -> "sctp";
      default -> throw new IllegalArgumentException("no transport protocol: " + protocol);
    };
  }
}
