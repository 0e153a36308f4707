package io.coxswain.node.dns;

/// Bytes that are no DNS message.
final class DnsFormatException extends Exception {

  private static final long serialVersionUID = 1;

  DnsFormatException(String message) {
    super(message);
  }
}
