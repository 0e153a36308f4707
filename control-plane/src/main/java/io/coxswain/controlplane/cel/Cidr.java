package io.coxswain.controlplane.cel;

/// An address with the length of its network's prefix, as `10.0.0.0/8`.
record Cidr(Ip address, int bits) {

  /// @throws IllegalArgumentException saying what is wrong, in Kubernetes' words
  static Cidr of(String text) {
    Cidr network;
    try {
      network = parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "network address parse error during conversion from string: " + e.getMessage(), e);
    }
    if (network.address().isMapped()) {
      throw new IllegalArgumentException(
          "IPv4-mapped IPv6 address " + Go.quoted(text) + " is not allowed");
    }
    return network;
  }

  private static Cidr parse(String text) {
    int slash = text.lastIndexOf('/');
    if (slash < 0) {
      throw fault(text, "no '/'");
    }
    Ip address;
    try {
      address = Ip.parse(text.substring(0, slash));
    } catch (IllegalArgumentException e) {
      throw fault(text, String.valueOf(e.getMessage()));
    }
    if (text.lastIndexOf('%', slash) >= 0) {
      throw fault(text, "IPv6 zones cannot be present in a prefix");
    }
    String bits = text.substring(slash + 1);
    if (!bits.matches("0|[1-9][0-9]{0,2}")) {
      throw fault(text, "bad bits after slash: " + Go.quoted(bits));
    }
    int length = Integer.parseInt(bits);
    if (length > address.bits()) {
      throw fault(text, "prefix length out of range");
    }
    return new Cidr(address, length);
  }

  private static IllegalArgumentException fault(String text, String why) {
    return new IllegalArgumentException("netip.ParsePrefix(" + Go.quoted(text) + "): " + why);
  }

  boolean contains(Ip other) {
    return other.bits() == address.bits() && address.masked(bits).equals(other.masked(bits));
  }

  boolean contains(Cidr other) {
    return bits <= other.bits() && contains(other.address());
  }

  Cidr masked() {
    return new Cidr(address.masked(bits), bits);
  }

  @Override
  public String toString() {
    return address + "/" + bits;
  }
}
