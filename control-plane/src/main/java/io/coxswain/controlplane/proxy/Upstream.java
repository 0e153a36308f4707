package io.coxswain.controlplane.proxy;

import io.coxswain.controlplane.connection.KeptConnections;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// A server that requests are handed on to.
///
/// @param authority host and port, as links to it have them
/// @param ways to it, tried in turn
/// @param tls how it is spoken to in secret, if it is
/// @param kept connections to it, by their way, that other requests have left; nothing where each
///   request has one of its own
public record Upstream(
    String authority,
    List<Way> ways,
    Optional<TlsClient> tls,
    Optional<KeptConnections<String, Link>> kept) {

  public Upstream {
    ways = List.copyOf(ways);
  }

  /// Each request has a connection of its own.
  public Upstream(String authority, List<Way> ways, Optional<TlsClient> tls) {
    this(authority, ways, tls, Optional.empty());
  }

  /// A connection between two requests.
  ///
  /// @param socket the same one in secret, where it is spoken to so
  public record Link(Socket plain, Socket socket) implements AutoCloseable {

    /// At once, without the parting words of TLS, for which a peer that does not read would be
    /// waited for.
    @Override
    public void close() throws IOException {
      plain.close();
    }
  }

  /// One place where the server answers.
  ///
  /// @param address of digits, not of a name
  /// @param sockets makes what leads to it, not connected yet
  public record Way(String address, int port, Supplier<Socket> sockets) {

    String key() {
      return address + " " + port;
    }

    /// Connected.
    ///
    /// @throws IOException when nobody answers there in time
    Socket dial(int millis) throws IOException {
      Socket socket = sockets.get();
      try {
        socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), millis);
        socket.setTcpNoDelay(true);
        return socket;
      } catch (IOException | RuntimeException e) {
        socket.close();
        throw e;
      }
    }
  }

  /// @param name that the server is asked for, and that its certificate must be for
  /// @param verified whether its certificate must be
  public record TlsClient(SSLContext context, String name, boolean verified) {

    /// The same connection in secret, after the handshake.
    Socket over(Socket plain, int port) throws IOException {
      SSLSocket socket =
          (SSLSocket) context.getSocketFactory().createSocket(plain, name, port, true);
      if (verified) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
      }
      socket.startHandshake();
      return socket;
    }
  }
}
