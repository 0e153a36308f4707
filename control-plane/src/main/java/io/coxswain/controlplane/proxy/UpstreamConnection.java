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

/// One request to a server, HTTP/1.1, over a connection that is its own meanwhile. One thread may
/// send while another receives.
final class UpstreamConnection implements AutoCloseable {

  private static final int DIAL_MILLIS = 10_000;
  private static final int PIECE = 16 << 10;

  private final Upstream upstream;
  private final Upstream.Way way;
  private final Upstream.Link link;
  private final OutputStream out;
  private final ResponseReader reader;
  private boolean released;

  private UpstreamConnection(Upstream upstream, Upstream.Way way, Upstream.Link link, String method)
      throws IOException {
    this.upstream = upstream;
    this.way = way;
    this.link = link;
    this.out = new BufferedOutputStream(link.socket().getOutputStream(), PIECE);
    this.reader = new ResponseReader(link.socket().getInputStream(), method);
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
      return new UpstreamConnection(upstream, way, new Upstream.Link(plain, socket), method);
    } catch (IOException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  /// One that another request has left, if there is any. The server may have closed it meanwhile.
  static Optional<UpstreamConnection> again(
      Upstream upstream, Upstream.Way way, String method, Duration silence) throws IOException {
    Optional<Upstream.Link> known = upstream.kept().flatMap(kept -> kept.take(way.key()));
    if (known.isEmpty()) {
      return Optional.empty();
    }
    Upstream.Link link = known.get();
    try {
      link.plain().setSoTimeout(Math.toIntExact(silence.toMillis()));
      return Optional.of(new UpstreamConnection(upstream, way, link, method));
    } catch (IOException e) {
      link.close();
      return Optional.empty();
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
    return link.socket().getInputStream();
  }

  OutputStream out() throws IOException {
    return link.socket().getOutputStream();
  }

  /// Whether there is anybody to leave it to.
  boolean mayBeKept() {
    return upstream.kept().isPresent();
  }

  /// Leaves the connection to another request, once the answer is whole and where the server goes
  /// on with it.
  synchronized void release() {
    if (!released && upstream.kept().isPresent() && reader.isReusable()) {
      released = true;
      reader.close();
      upstream.kept().get().keep(way.key(), link);
    }
  }

  /// Ends it at once. Any thread may, also when it is another request's by now: nothing happens
  /// then.
  synchronized void cut() {
    if (!released) {
      try {
        link.close();
      } catch (IOException e) {
        // it is gone then
      }
    }
  }

  @Override
  public synchronized void close() {
    if (!released) {
      reader.close();
      cut();
    }
  }
}
