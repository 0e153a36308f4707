package io.coxswain.kubectl.http;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// TCP, with TLS or without.
final class TcpWire implements Wire {

  private static final int CONNECT_MILLIS = 10_000;

  /// Of one family, so that one key is made for the handshake and not one of each family. TLS 1.3
  /// has everybody know the first (RFC 8446, 9.1).
  private static final String[] GROUPS = {"secp256r1", "secp384r1", "secp521r1"};

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  private TcpWire(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream(), 16 * 1024);
    this.out = new BufferedOutputStream(socket.getOutputStream(), 16 * 1024);
  }

  /// @param tls checks the server's name, too; nothing for plain HTTP
  static TcpWire open(String host, int port, @Nullable SSLSocketFactory tls) throws IOException {
    Socket plain = new Socket();
    plain.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
    plain.setTcpNoDelay(true);
    if (tls == null) {
      return new TcpWire(plain);
    }
    SSLSocket secure = (SSLSocket) tls.createSocket(plain, host, port, true);
    SSLParameters parameters = secure.getSSLParameters();
    if (!host.contains(":") && !host.chars().allMatch(c -> Character.isDigit(c) || c == '.')) {
      parameters.setServerNames(java.util.List.of(new SNIHostName(host)));
    }
    parameters.setApplicationProtocols(new String[] {"http/1.1"});
    parameters.setNamedGroups(GROUPS);
    secure.setSSLParameters(parameters);
    secure.setSoTimeout(CONNECT_MILLIS);
    secure.startHandshake();
    return new TcpWire(secure);
  }

  @Override
  public InputStream in() {
    return in;
  }

  @Override
  public OutputStream out() {
    return out;
  }

  @Override
  public void patience(Duration silence) throws IOException {
    socket.setSoTimeout((int) silence.toMillis());
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
