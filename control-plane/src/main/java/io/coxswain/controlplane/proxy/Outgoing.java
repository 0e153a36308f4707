package io.coxswain.controlplane.proxy;

import io.coxswain.controlplane.edge.Exchange;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;

/// What a request that is handed on says of itself.
public final class Outgoing {

  private Outgoing() {}

  /// The client's headers, without those by which it proved who it is: they are for this server.
  public static HttpHeaders headers(Exchange exchange) {
    HttpHeaders headers = HopHeaders.without(exchange.headers());
    headers.remove("authorization");
    headers.remove("expect"); // answered at the door
    List.copyOf(headers.names()).stream()
        .filter(name -> isIdentity(name.toLowerCase(Locale.ROOT)))
        .forEach(headers::remove);
    if (exchange.remoteAddress() instanceof InetSocketAddress client
        && client.getAddress() != null) {
      List<String> before = exchange.headers().getAll("x-forwarded-for");
      String own = client.getAddress().getHostAddress();
      headers.set(
          "X-Forwarded-For", before.isEmpty() ? own : String.join(", ", before) + ", " + own);
    }
    return headers;
  }

  private static boolean isIdentity(String name) {
    return name.startsWith("impersonate-")
        || name.equals("x-remote-user")
        || name.equals("x-remote-uid")
        || name.equals("x-remote-group")
        || name.startsWith("x-remote-extra-");
  }
}
