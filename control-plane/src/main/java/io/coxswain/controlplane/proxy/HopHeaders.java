package io.coxswain.controlplane.proxy;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Headers that are about one connection and not about the message (RFC 9110, 7.6.1).
final class HopHeaders {

  private static final Set<String> NAMES =
      Set.of(
          "connection",
          "proxy-connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "http2-settings");

  /// Of Netty's own making, between its parts.
  private static final String NETTY = "x-http2-";

  private HopHeaders() {}

  /// A copy without them.
  static HttpHeaders without(HttpHeaders headers) {
    List<String> named =
        headers.getAll("connection").stream()
            .flatMap(value -> Arrays.stream(value.split(",", -1)))
            .map(value -> value.strip().toLowerCase(Locale.ROOT))
            .toList();
    HttpHeaders kept = DefaultHttpHeadersFactory.headersFactory().newHeaders();
    headers.forEach(entry -> {
      String name = entry.getKey().toLowerCase(Locale.ROOT);
      if (!NAMES.contains(name) && !named.contains(name) && !name.startsWith(NETTY)) {
        kept.add(entry.getKey(), entry.getValue());
      }
    });
    return kept;
  }

  /// Whether the sender wants to go on in another protocol.
  static boolean asksUpgrade(HttpHeaders headers) {
    return headers.containsValue("connection", "upgrade", true) && headers.contains("upgrade");
  }
}
