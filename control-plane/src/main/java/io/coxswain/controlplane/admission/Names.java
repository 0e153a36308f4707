package io.coxswain.controlplane.admission;

import io.coxswain.client.codec.LabelSyntax;
import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/// The shapes that names have. Each answers with what is wrong, or nothing.
final class Names {

  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern PORT = Pattern.compile("[-a-z0-9]+");
  private static final Pattern CONFIG_KEY = Pattern.compile("[-._a-zA-Z0-9]+");
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");
  private static final Pattern IPV6_LETTERS = Pattern.compile("[0-9a-fA-F:.]+");
  private static final Pattern PERCENT = Pattern.compile("[0-9]+%");

  private Names() {}

  static Optional<String> label(String name) {
    if (name.length() > 63) {
      return Optional.of("must be no more than 63 bytes");
    }
    return LABEL.matcher(name).matches()
        ? Optional.empty()
        : Optional.of(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-',"
                + " and must start and end with an alphanumeric character (e.g. 'my-name',  or"
                + " '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')");
  }

  static Optional<String> subdomain(String name) {
    return LabelSyntax.subdomainProblem(name);
  }

  /// What may stand in a path of the REST API.
  static Optional<String> pathSegment(String name) {
    if (name.equals(".") || name.equals("..")) {
      return Optional.of("may not be '" + name + "'");
    }
    for (String forbidden : new String[] {"/", "%"}) {
      if (name.contains(forbidden)) {
        return Optional.of("may not contain '" + forbidden + "'");
      }
    }
    return Optional.empty();
  }

  static Optional<String> configKey(String key) {
    if (key.length() > 253) {
      return Optional.of("must be no more than 253 bytes");
    }
    if (key.equals(".") || key.equals("..") || key.startsWith("..")) {
      return Optional.of(key.startsWith("..") ? "must not start with '..'" : "must not be '.'");
    }
    return CONFIG_KEY.matcher(key).matches()
        ? Optional.empty()
        : Optional.of(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g."
                + " 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is"
                + " '[-._a-zA-Z0-9]+')");
  }

  /// Any printable ASCII but `=`.
  static Optional<String> environmentVariable(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c < ' ' || c > '~' || c == '=') {
        return Optional.of(
            "a valid environment variable name must consist only of printable ASCII characters"
                + " other than '='");
      }
    }
    return Optional.empty();
  }

  /// A port's name, as the registry of services has them.
  static Optional<String> port(String name) {
    if (name.length() > 15) {
      return Optional.of("must be no more than 15 characters");
    }
    if (!PORT.matcher(name).matches()) {
      return Optional.of("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    }
    if (name.chars().noneMatch(c -> c >= 'a' && c <= 'z')) {
      return Optional.of("must contain at least one letter (a-z)");
    }
    if (name.contains("--")) {
      return Optional.of("must not contain consecutive hyphens");
    }
    return name.startsWith("-") || name.endsWith("-")
        ? Optional.of("must not begin or end with a hyphen")
        : Optional.empty();
  }

  static Optional<String> address(String text) {
    return isIpv4(text) || isIpv6(text)
        ? Optional.empty()
        : Optional.of("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
  }

  /// Why an address is none of a place in a network: every machine has it for itself.
  ///
  /// @param address a valid one
  static Optional<String> special(String address) {
    InetAddress ip = InetAddress.ofLiteral(address);
    if (ip.isAnyLocalAddress()) {
      return Optional.of("may not be unspecified (%s)".formatted(address));
    }
    if (ip.isLoopbackAddress()) {
      return Optional.of("may not be in the loopback range (127.0.0.0/8, ::1/128)");
    }
    if (ip.isLinkLocalAddress()) {
      return Optional.of("may not be in the link-local range (169.254.0.0/16, fe80::/10)");
    }
    return ip.isMCLinkLocal()
        ? Optional.of("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
        : Optional.empty();
  }

  static boolean isIpv4(String text) {
    return IPV4.matcher(text).matches();
  }

  static boolean isIpv6(String text) {
    if (!text.contains(":") || !IPV6_LETTERS.matcher(text).matches()) {
      return false;
    }
    try {
      // only letters of an address: never a look-up
      return InetAddress.getByName(text) != null;
    } catch (java.net.UnknownHostException e) {
      return false;
    }
  }

  static boolean isPercent(String text) {
    return text.length() < 12 && PERCENT.matcher(text).matches();
  }
}
