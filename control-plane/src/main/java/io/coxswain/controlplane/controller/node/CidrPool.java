package io.coxswain.controlplane.controller.node;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.Set;

/// The pod network cut into one block for each node. IPv4.
///
/// @param network first address of the pod network, as a number
/// @param prefix length of the pod network's prefix
/// @param blockPrefix length of a block's prefix
record CidrPool(long network, int prefix, int blockPrefix) {

  CidrPool {
    if (blockPrefix < prefix || blockPrefix > 30 || prefix < 8) {
      throw new IllegalArgumentException(
          "a pod network of /" + prefix + " cannot be cut into blocks of /" + blockPrefix);
    }
  }

  /// @throws IllegalArgumentException if it is not an IPv4 network, as `10.244.0.0/16`
  static CidrPool parse(String cidr, int blockPrefix) {
    int slash = cidr.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("'" + cidr + "' is no network: write 10.244.0.0/16");
    }
    try {
      byte[] bytes = InetAddress.ofLiteral(cidr.substring(0, slash)).getAddress();
      if (bytes.length != 4) {
        throw new IllegalArgumentException("'" + cidr + "' is no IPv4 network");
      }
      long address = 0;
      for (byte part : bytes) {
        address = (address << 8) | (part & 0xff);
      }
      int prefix = Integer.parseInt(cidr.substring(slash + 1));
      return new CidrPool(address & (-1L << (32 - prefix)), prefix, blockPrefix);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + cidr + "' has no prefix length", e);
    }
  }

  int blocks() {
    return 1 << (blockPrefix - prefix);
  }

  /// The lowest block that nobody has; empty when all are taken.
  Optional<String> firstFree(Set<String> taken) {
    for (int i = 0; i < blocks(); i++) {
      String block = block(i);
      if (!taken.contains(block)) {
        return Optional.of(block);
      }
    }
    return Optional.empty();
  }

  private String block(int index) {
    long address = network + ((long) index << (32 - blockPrefix));
    byte[] bytes = {
      (byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address
    };
    try {
      return InetAddress.getByAddress(bytes).getHostAddress() + "/" + blockPrefix;
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }
}
