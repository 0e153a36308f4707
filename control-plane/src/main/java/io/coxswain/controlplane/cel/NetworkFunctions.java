package io.coxswain.controlplane.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;

/// Functions on addresses and networks.
final class NetworkFunctions {

  private static final CelType IP = OpaqueType.create("net.IP");
  private static final CelType CIDR = OpaqueType.create("net.CIDR");
  private static final CelType TEXT = SimpleType.STRING;
  private static final CelType BOOL = SimpleType.BOOL;
  private static final CelType INT = SimpleType.INT;

  private NetworkFunctions() {}

  static void addTo(FunctionSet set) {
    addresses(set);
    networks(set);
  }

  private static void addresses(FunctionSet set) {
    set.global("ip", "string_to_ip", TEXT, IP, String.class, Ip::of);
    set.global("isIP", "is_ip", TEXT, BOOL, String.class, NetworkFunctions::isIp);
    set.global(
        "ip.isCanonical",
        "ip_is_canonical",
        TEXT,
        BOOL,
        String.class,
        text -> Ip.of(text).toString().equals(text));
    set.global("string", "ip_to_string", IP, TEXT, Ip.class, Ip::toString);
    set.member("family", "ip_family", IP, INT, Ip.class, ip -> (long) ip.family());
    set.member("isUnspecified", "ip_is_unspecified", IP, BOOL, Ip.class, Ip::isUnspecified);
    set.member("isLoopback", "ip_is_loopback", IP, BOOL, Ip.class, Ip::isLoopback);
    set.member(
        "isLinkLocalMulticast",
        "ip_is_link_local_multicast",
        IP,
        BOOL,
        Ip.class,
        Ip::isLinkLocalMulticast);
    set.member(
        "isLinkLocalUnicast",
        "ip_is_link_local_unicast",
        IP,
        BOOL,
        Ip.class,
        Ip::isLinkLocalUnicast);
    set.member("isGlobalUnicast", "ip_is_global_unicast", IP, BOOL, Ip.class, Ip::isGlobalUnicast);
  }

  private static void networks(FunctionSet set) {
    set.global("cidr", "string_to_cidr", TEXT, CIDR, String.class, NetworkFunctions::network);
    set.global("isCIDR", "is_cidr", TEXT, BOOL, String.class, NetworkFunctions::isNetwork);
    set.global("string", "cidr_to_string", CIDR, TEXT, Cidr.class, Cidr::toString);
    set.member(
        "containsIP",
        "cidr_contains_ip_string",
        CIDR,
        TEXT,
        BOOL,
        Cidr.class,
        String.class,
        (network, text) -> network.contains(Ip.of(text)));
    set.member(
        "containsIP", "cidr_contains_ip_ip", CIDR, IP, BOOL, Cidr.class, Ip.class, Cidr::contains);
    set.member(
        "containsCIDR",
        "cidr_contains_cidr_string",
        CIDR,
        TEXT,
        BOOL,
        Cidr.class,
        String.class,
        (network, text) -> network.contains(network(text)));
    set.member(
        "containsCIDR",
        "cidr_contains_cidr",
        CIDR,
        CIDR,
        BOOL,
        Cidr.class,
        Cidr.class,
        Cidr::contains);
    set.member("ip", "cidr_ip", CIDR, IP, Cidr.class, Cidr::address);
    set.member(
        "prefixLength",
        "cidr_prefix_length",
        CIDR,
        INT,
        Cidr.class,
        network -> (long) network.bits());
    set.member("masked", "cidr_masked", CIDR, CIDR, Cidr.class, Cidr::masked);
  }

  private static boolean isIp(String text) {
    try {
      var _ = Ip.of(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isNetwork(String text) {
    try {
      var _ = Cidr.of(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Cidr network(String text) {
    try {
      return Cidr.of(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "network address parse error during conversion from string: " + e.getMessage(), e);
    }
  }
}
