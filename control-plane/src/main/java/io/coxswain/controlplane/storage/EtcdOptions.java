package io.coxswain.controlplane.storage;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Where etcd is and how long to wait for it.
///
/// @param endpoints `host:port` of each member's client listener; or one alone, `unix:` and the
///   path of a socket
/// @param tls empty for plain text, which is right only on loopback
/// @param patience for one call, reconnecting included
public record EtcdOptions(List<String> endpoints, Optional<Tls> tls, Duration patience) {

  /// PEM files.
  ///
  /// @param ca what etcd's certificate is signed by
  public record Tls(Path ca, Path certificate, Path key) {}

  private static final String UNIX = "unix:";

  public EtcdOptions {
    endpoints = List.copyOf(endpoints);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("etcd needs at least one endpoint, as 127.0.0.1:2379");
    }
  }

  /// An etcd on this machine that is reached by a socket which others cannot open, so nothing needs
  /// to be encrypted.
  public static EtcdOptions local(Path socket, Duration patience) {
    return new EtcdOptions(List.of(UNIX + socket), Optional.empty(), patience);
  }

  /// The path of the socket, when that is how etcd is reached.
  Optional<Path> socket() {
    String first = endpoints.getFirst();
    return first.startsWith(UNIX)
        ? Optional.of(Path.of(first.substring(UNIX.length())))
        : Optional.empty();
  }

  /// Whether this server alone can reach it.
  public boolean isOwn() {
    return socket().isPresent();
  }

  public static EtcdOptions plain(String endpoint) {
    return new EtcdOptions(List.of(endpoint), Optional.empty(), Duration.ofSeconds(5));
  }
}
