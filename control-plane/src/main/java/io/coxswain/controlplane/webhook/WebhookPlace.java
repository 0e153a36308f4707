package io.coxswain.controlplane.webhook;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;

/// Where a webhook answers.
///
/// @param name that the server's certificate must be for
/// @param port for the `Host` header
/// @param path with its query
/// @param addresses to be tried in turn
/// @param sockets what leads to them
public record WebhookPlace(
    String name, int port, String path, List<InetSocketAddress> addresses, Sockets sockets) {

  /// Ways to addresses that this machine may have no route to.
  @FunctionalInterface
  public interface Sockets {

    /// Where this machine's own network leads.
    Sockets DIRECT = address -> new Socket();

    /// A socket to be connected to the address.
    Socket towards(InetSocketAddress address);
  }

  private static final int HTTPS = 443;

  public WebhookPlace {
    addresses = List.copyOf(addresses);
  }

  /// @throws IOException when the URL is none for HTTPS
  public static WebhookPlace of(String url) throws IOException {
    try {
      URI uri = new URI(url);
      if (!"https".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
        throw new IOException("the webhook's URL is not of the form https://host/path: " + url);
      }
      int port = uri.getPort() < 0 ? HTTPS : uri.getPort();
      String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
      String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
      String host = uri.getHost().replace("[", "").replace("]", "");
      return new WebhookPlace(
          host, port, path + query, List.of(new InetSocketAddress(host, port)), Sockets.DIRECT);
    } catch (URISyntaxException e) {
      throw new IOException("the webhook's URL is malformed: " + url, e);
    }
  }

  /// The same place asked with one more parameter.
  public WebhookPlace with(String parameter) {
    String more = path + (path.indexOf('?') < 0 ? "?" : "&") + parameter;
    return new WebhookPlace(name, port, more, addresses, sockets);
  }

  /// As people write it.
  public String url() {
    String host = name.indexOf(':') < 0 ? name : "[" + name + "]";
    return "https://" + host + ":" + port + path;
  }
}
