package io.coxswain.controlplane.storage;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Where etcd is and how long to wait for it.
///
/// @param endpoints `host:port` of each member's client listener
/// @param tls empty for plain text, which is right only on loopback
/// @param patience for one call, reconnecting included
public record EtcdOptions(List<String> endpoints, Optional<Tls> tls, Duration patience) {

  /// PEM files.
  ///
  /// @param ca what etcd's certificate is signed by
  public record Tls(Path ca, Path certificate, Path key) {}

  public EtcdOptions {
    endpoints = List.copyOf(endpoints);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("etcd needs at least one endpoint, as 127.0.0.1:2379");
    }
  }

  public static EtcdOptions plain(String endpoint) {
    return new EtcdOptions(List.of(endpoint), Optional.empty(), Duration.ofSeconds(5));
  }
}
