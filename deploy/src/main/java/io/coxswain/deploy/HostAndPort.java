package io.coxswain.deploy;

/// `host:port`, or `[v6]:port`.
record HostAndPort(String host, int port) {

  /// @throws Flags.UsageException when it is neither, as when it is a URL
  static HostAndPort parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon > 0 && text.indexOf('/') < 0) {
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        if (port > 0 && port < 65536) {
          return new HostAndPort(text.substring(0, colon).replaceAll("^\\[|\\]$", ""), port);
        }
      } catch (NumberFormatException e) {
        // told below, as any other wrong address
      }
    }
    throw new Flags.UsageException("expected HOST:PORT, not: " + text);
  }
}
