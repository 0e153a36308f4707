package io.coxswain.controlplane.server;

import io.coxswain.client.Transport.Call;
import io.coxswain.controlplane.audit.Arrival;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.schema.ResourceType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/// How requests came here, for the audit log.
final class Arrivals {

  private static final int MOST_HOPS = 20;

  private Arrivals() {}

  static Arrival of(Exchange exchange, String auditId, Instant now) {
    return new Arrival(
        auditId, exchange.uri(), exchange.header("user-agent"), sources(exchange), now);
  }

  /// A call that came without HTTP, as if it had come by it.
  ///
  /// @param from nothing from this process
  static Arrival of(Call call, boolean watch, String agent, Optional<String> from, Instant now) {
    return new Arrival(
        UUID.randomUUID().toString(), uri(call, watch), agent, from.stream().toList(), now);
  }

  /// What those say who handed the request on, which anybody may say, and last the connection
  /// itself.
  private static List<String> sources(Exchange exchange) {
    List<String> sources = new ArrayList<>();
    String[] hops = exchange.header("x-forwarded-for").split(",", MOST_HOPS + 1);
    for (int i = 0; i < Math.min(hops.length, MOST_HOPS); i++) {
      address(hops[i]).ifPresent(sources::add);
    }
    address(exchange.header("x-real-ip"))
        .filter(one -> !sources.contains(one))
        .ifPresent(sources::add);
    if (exchange.remoteAddress() instanceof InetSocketAddress remote
        && remote.getAddress() != null) {
      String last = text(remote.getAddress());
      if (sources.isEmpty() || !sources.getLast().equals(last)) {
        sources.add(last);
      }
    }
    return sources;
  }

  private static Optional<String> address(String text) {
    try {
      return text.isBlank()
          ? Optional.empty()
          : Optional.of(text(InetAddress.ofLiteral(text.strip())));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static String text(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }

  /// By what a stranger wanted to show who they are.
  static String failure(Exchange exchange) {
    List<String> tried = new ArrayList<>();
    String authorization = exchange.header("authorization").strip().toLowerCase(Locale.ROOT);
    if (authorization.startsWith("basic ")) {
      tried.add("basic");
    }
    if (authorization.startsWith("bearer ")) {
      tried.add("bearer");
    }
    if (!exchange.peerCertificates().isEmpty()) {
      tried.add("x509");
    }
    return tried.isEmpty()
        ? "Authentication failed, no credentials provided"
        : "Authentication failed, attempted: " + String.join(", ", tried);
  }

  private static String uri(Call call, boolean watch) {
    ResourceType<?> type = call.type();
    StringBuilder uri = new StringBuilder(type.group().isEmpty() ? "/api/" : "/apis/");
    uri.append(type.apiVersion());
    if (!call.namespace().isEmpty()) {
      uri.append("/namespaces/").append(encoded(call.namespace()));
    }
    uri.append('/').append(type.plural());
    if (!call.name().isEmpty()) {
      uri.append('/').append(encoded(call.name()));
    }
    if (!call.subresource().isEmpty()) {
      uri.append('/').append(call.subresource());
    }
    TreeMap<String, String> query = new TreeMap<>(call.options());
    if (watch) {
      query.put("watch", "true");
    }
    return query.isEmpty()
        ? uri.toString()
        : query.entrySet().stream()
            .map(option -> option.getKey() + "=" + encoded(option.getValue()))
            .collect(Collectors.joining("&", uri.append('?'), ""));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
