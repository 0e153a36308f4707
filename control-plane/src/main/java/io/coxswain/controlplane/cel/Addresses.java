package io.coxswain.controlplane.cel;

import java.util.regex.Pattern;

/// Tells addresses by their text. Nothing is looked up.
public final class Addresses {

  private static final Pattern BYTE = Pattern.compile("\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private Addresses() {}

  public static boolean isIpv4(String text) {
    if (!BYTE.matcher(text).matches()) {
      return false;
    }
    for (String part : text.split("\\.", -1)) {
      if (Integer.parseInt(part) > 255) {
        return false;
      }
    }
    return true;
  }

  public static boolean isIpv6(String text) {
    if (!IPV6.matcher(text).matches()) {
      return false;
    }
    try {
      // Only digits and colons: nothing is looked up.
      return java.net.InetAddress.getByName(text).getHostAddress() != null;
    } catch (java.net.UnknownHostException e) {
      return false;
    }
  }

  public static boolean isCidr(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("\\d{1,3}")) {
      return false;
    }
    String address = text.substring(0, slash);
    int bits = Integer.parseInt(text.substring(slash + 1));
    return (isIpv4(address) && bits <= 32) || (isIpv6(address) && bits <= 128);
  }
}
