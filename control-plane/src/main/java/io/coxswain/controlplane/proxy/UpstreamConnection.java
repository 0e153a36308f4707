package io.coxswain.controlplane.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/// One request to a server over a connection of its own, HTTP/1.1. One thread may send while
/// another receives.
final class UpstreamConnection implements AutoCloseable {

  private static final int DIAL_MILLIS = 10_000;
  private static final int PIECE = 16 << 10;

  private final Socket plain;
  private final Socket socket;
  private final OutputStream out;
  private final ResponseReader reader;

  private UpstreamConnection(Socket plain, Socket socket, String method) throws IOException {
    this.plain = plain;
    this.socket = socket;
    this.out = new BufferedOutputStream(socket.getOutputStream(), PIECE);
    this.reader = new ResponseReader(socket.getInputStream(), method);
  }

  /// Dials. Blocks.
  ///
  /// @param silence how long the server may say nothing
  /// @throws java.net.ConnectException when nobody answers
  static UpstreamConnection open(
      Upstream upstream, Upstream.Way way, String method, Duration silence) throws IOException {
    Socket plain = way.dial(DIAL_MILLIS);
    try {
      plain.setSoTimeout(DIAL_MILLIS);
      Socket socket =
          upstream.tls().isPresent() ? upstream.tls().get().over(plain, way.port()) : plain;
      plain.setSoTimeout(Math.toIntExact(silence.toMillis()));
      return new UpstreamConnection(plain, socket, method);
    } catch (IOException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  void send(String method, String target, HttpHeaders headers) throws IOException {
    StringBuilder head = new StringBuilder(512);
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    headers.forEach(
        entry -> head.append(entry.getKey()).append(": ").append(entry.getValue()).append("\r\n"));
    out.write(ascii(head.append("\r\n").toString()));
    out.flush();
  }

  /// Sends a body to its end.
  ///
  /// @param chunked where its length was not announced
  /// @throws IOException when it does not come whole, too: the server then waits for the rest
  void sendBody(InputStream body, boolean chunked) throws IOException {
    byte[] piece = new byte[PIECE];
    for (int n = body.read(piece); n >= 0; n = body.read(piece)) {
      if (chunked) {
        out.write(ascii(Integer.toHexString(n) + "\r\n"));
        out.write(piece, 0, n);
        out.write(ascii("\r\n"));
      } else {
        out.write(piece, 0, n);
      }
      if (body.available() == 0) {
        out.flush();
      }
    }
    if (chunked) {
      out.write(ascii("0\r\n\r\n"));
    }
    out.flush();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /// The answer's head: the final one, or 101. Blocks.
  HttpResponse receiveHead() throws IOException {
    return reader.head();
  }

  /// The next piece of the body, to be released; nothing at its end. Blocks.
  Optional<ByteBuf> receive() throws IOException {
    return reader.next();
  }

  /// After 101: what came right behind the head.
  byte[] early() {
    return reader.early();
  }

  InputStream in() throws IOException {
    return socket.getInputStream();
  }

  OutputStream out() throws IOException {
    return socket.getOutputStream();
  }

  /// At once, without the parting words of TLS, for which a peer that does not read would be waited
  /// for. Any thread may.
  void cut() {
    try {
      plain.close();
    } catch (IOException e) {
      // it is gone then
    }
  }

  @Override
  public void close() {
    reader.close();
    cut();
  }
}
