package io.coxswain.kubectl.forward;

import io.coxswain.kubectl.Failure;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Where to listen.
///
/// @param text as it was given
/// @param oneOfTwo of `localhost`, whose other address may do
record ListenAddress(String text, InetAddress address, boolean oneOfTwo) {

  /// In the order of their texts, each once.
  ///
  /// @throws Failure for what is neither an address nor `localhost`
  static List<ListenAddress> parse(Collection<String> texts) {
    Map<String, ListenAddress> found = new TreeMap<>();
    for (String text : texts) {
      if (text.equals("localhost")) {
        found.putIfAbsent("127.0.0.1", literal("127.0.0.1", true));
        found.putIfAbsent("::1", literal("::1", true));
      } else {
        found.put(text, literal(text, false));
      }
    }
    if (found.isEmpty()) {
      throw new Failure("error: you must specify at least 1 address");
    }
    return List.copyOf(found.values());
  }

  private static ListenAddress literal(String text, boolean oneOfTwo) {
    try {
      return new ListenAddress(text, InetAddress.ofLiteral(text), oneOfTwo);
    } catch (IllegalArgumentException e) {
      throw new Failure("error: " + text + " is not a valid IP");
    }
  }

  /// With the port, as people write it.
  String with(int port) {
    return (address instanceof Inet6Address ? "[" + text + "]" : text) + ":" + port;
  }
}
