package io.coxswain.node.network;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/// A range of IPv4 addresses, as `10.244.3.0/24`.
///
/// @param network the first address, as a number
/// @param prefixLength 0 to 32
public record Cidr(int network, int prefixLength) {

  public Cidr {
    if (prefixLength < 0 || prefixLength > 32) {
      throw new IllegalArgumentException("a prefix has 0 to 32 bits, not " + prefixLength);
    }
    network &= mask(prefixLength);
  }

  /// @throws IllegalArgumentException when the text is no IPv4 range
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException(
          "'%s' is no address range: write it as 10.244.0.0/16".formatted(text));
    }
    try {
      InetAddress address = InetAddress.ofLiteral(text.substring(0, slash));
      if (!(address instanceof Inet4Address)) {
        throw new IllegalArgumentException("'%s' is no IPv4 range".formatted(text));
      }
      return new Cidr(number(address), Integer.parseInt(text.substring(slash + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'%s' is no address range".formatted(text), e);
    }
  }

  public static Cidr of(InetAddress address, int prefixLength) {
    return new Cidr(number(address), prefixLength);
  }

  public boolean contains(InetAddress address) {
    return address instanceof Inet4Address && (number(address) & mask(prefixLength)) == network;
  }

  /// How many addresses there are, the first and the last included.
  public long size() {
    return 1L << (32 - prefixLength);
  }

  /// The address that many after the first.
  public InetAddress address(long offset) {
    if (offset < 0 || offset >= size()) {
      throw new IllegalArgumentException("%s has no address %d".formatted(this, offset));
    }
    return address((int) (network + offset));
  }

  long offset(InetAddress address) {
    return (number(address) & 0xffff_ffffL) - (network & 0xffff_ffffL);
  }

  static int number(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length != 4) {
      throw new IllegalArgumentException(address.getHostAddress() + " is no IPv4 address");
    }
    return (bytes[0] & 0xff) << 24
        | (bytes[1] & 0xff) << 16
        | (bytes[2] & 0xff) << 8
        | (bytes[3] & 0xff);
  }

  private static InetAddress address(int number) {
    byte[] bytes = {
      (byte) (number >> 24), (byte) (number >> 16), (byte) (number >> 8), (byte) number
    };
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  private static int mask(int prefixLength) {
    return prefixLength == 0 ? 0 : -1 << (32 - prefixLength);
  }

  @Override
  public String toString() {
    return address(network).getHostAddress() + "/" + prefixLength;
  }
}
