package io.coxswain.controlplane.registry;

/// A block of IPv4 addresses.
///
/// @param base the first address, as a number
/// @param bits how many leading bits all have in common
public record Ipv4Range(long base, int bits) {

  /// Reads `10.96.0.0/16`.
  public static Ipv4Range parse(String cidr) {
    int slash = cidr.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("\"" + cidr + "\" is no address range as 10.96.0.0/16");
    }
    return new Ipv4Range(
        number(cidr.substring(0, slash)), Integer.parseInt(cidr.substring(slash + 1)));
  }

  public Ipv4Range {
    if (bits < 8 || bits > 30 || base < 0 || base > 0xffffffffL) {
      throw new IllegalArgumentException("/" + bits + " from " + base + " is no usable range");
    }
    base &= -1L << (32 - bits);
  }

  long size() {
    return 1L << (32 - bits);
  }

  /// The n-th address.
  String address(long n) {
    long value = base + n;
    return (value >> 24)
        + "."
        + ((value >> 16) & 0xff)
        + "."
        + ((value >> 8) & 0xff)
        + "."
        + (value & 0xff);
  }

  /// Whether an address is in here and neither the first nor the last, which stand for all.
  boolean usable(String address) {
    long n;
    try {
      n = number(address) - base;
    } catch (IllegalArgumentException notOne) {
      return false;
    }
    return n > 0 && n < size() - 1;
  }

  private static long number(String address) {
    String[] parts = address.split("\\.", -1);
    if (parts.length != 4) {
      throw new IllegalArgumentException("\"" + address + "\" is no IPv4 address");
    }
    long number = 0;
    for (String part : parts) {
      int value = Integer.parseInt(part);
      if (value < 0 || value > 255) {
        throw new IllegalArgumentException("\"" + address + "\" is no IPv4 address");
      }
      number = number << 8 | value;
    }
    return number;
  }

  @Override
  public String toString() {
    return address(0) + "/" + bits;
  }
}
