package io.coxswain.node.netlink;

import java.net.InetAddress;
import java.util.HexFormat;

/// A link-layer address of six bytes.
///
/// @param bits in the low 48 bits
public record MacAddress(long bits) {

  /// Locally administered, and made from an IPv4 address, so that every node can say another's
  /// without asking.
  ///
  /// @param use one byte that keeps devices of different use apart
  public static MacAddress of(int use, InetAddress address) {
    long bits = (0x02L << 8) | (use & 0xff);
    for (byte part : address.getAddress()) {
      bits = (bits << 8) | (part & 0xff);
    }
    return new MacAddress(bits & 0xffff_ffff_ffffL);
  }

  static MacAddress of(byte[] bytes) {
    long bits = 0;
    for (byte part : bytes) {
      bits = (bits << 8) | (part & 0xff);
    }
    return new MacAddress(bits);
  }

  byte[] bytes() {
    byte[] bytes = new byte[6];
    for (int i = 0; i < 6; i++) {
      bytes[i] = (byte) (bits >> (8 * (5 - i)));
    }
    return bytes;
  }

  @Override
  public String toString() {
    return HexFormat.ofDelimiter(":").formatHex(bytes());
  }
}
