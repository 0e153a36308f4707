package io.coxswain.controlplane.pki;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

/// A name or address under which clients reach a server, in one canonical spelling.
///
/// @param address whether `text` is an IP address rather than a DNS name
public record ServingName(String text, boolean address) implements Comparable<ServingName> {

  private static final Pattern DOTTED = Pattern.compile("[0-9.]+");

  public static ServingName of(String name) {
    if (!DOTTED.matcher(name).matches() && name.indexOf(':') < 0) {
      return new ServingName(name.toLowerCase(Locale.ROOT), false);
    }
    try {
      return new ServingName(InetAddress.getByName(name).getHostAddress(), true);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an IP address: " + name, e);
    }
  }

  @Override
  public int compareTo(ServingName other) {
    return text.compareTo(other.text);
  }
}
