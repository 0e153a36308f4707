package io.coxswain.controlplane.proxy;

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
public record Upstream(String authority, List<Way> ways, Optional<TlsClient> tls) {

  public Upstream {
    ways = List.copyOf(ways);
  }

  /// One place where the server answers.
  ///
  /// @param address of digits, not of a name
  /// @param sockets makes what leads to it, not connected yet
  public record Way(String address, int port, Supplier<Socket> sockets) {

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
