package io.coxswain.kubectl.http;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// One connection to one server. One thread uses it, a request at a time; it is opened at the first
/// request and again when the server closed it in between. The JDK's own client knows no PATCH
/// (`HttpURLConnection`) or takes most of a second to start (`java.net.http`), which is why this
/// exists.
public final class HttpConnection implements AutoCloseable {

  private static final int MOST_HEADER_BYTES = 64 * 1024;

  private final String authority;
  private final Wire.Dialer dialer;
  private final boolean local;
  private @Nullable Wire wire;
  private @Nullable BodyStream unread;

  private HttpConnection(String authority, Wire.Dialer dialer, @Nullable Wire wire) {
    this.authority = authority;
    this.dialer = dialer;
    this.wire = wire;
    this.local = wire != null;
  }

  /// @param tls checks the server's name, too; nothing for plain HTTP
  public static HttpConnection tcp(String host, int port, @Nullable SSLSocketFactory tls) {
    return new HttpConnection(host + ":" + port, () -> TcpWire.open(host, port, tls), null);
  }

  /// Over a Unix domain socket; nothing when nobody listens there.
  public static Optional<HttpConnection> local(Path file) {
    try {
      Wire wire = LocalWire.open(file);
      return Optional.of(new HttpConnection("localhost", () -> LocalWire.open(file), wire));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /// Whether it stays on this machine, where packing answers costs more than it saves.
  public boolean isLocal() {
    return local;
  }

  /// What is sent with a request, maybe twice.
  public interface Body {

    long length();

    void writeTo(OutputStream out) throws IOException;

    static Body of(byte[] bytes) {
      return new Body() {
        @Override
        public long length() {
          return bytes.length;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
          out.write(bytes);
        }
      };
    }

    /// A file, which must not change its length meanwhile.
    static Body of(Path file) throws IOException {
      long length = Files.size(file);
      return new Body() {
        @Override
        public long length() {
          return length;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
          long sent = Files.copy(file, out);
          if (sent != length) {
            throw new IOException(file + " changed while it was sent");
          }
        }
      };
    }
  }

  /// As the other, of what is in memory.
  public Response send(
      String method,
      String path,
      List<Map.Entry<String, String>> headers,
      byte[] body,
      Duration patience)
      throws IOException {
    return send(method, path, headers, Body.of(body), patience);
  }

  /// Sends a request and reads the answer's head. Blocks.
  ///
  /// @param patience how long the server may be silent; zero for ever, as for a watch
  public Response send(
      String method,
      String path,
      List<Map.Entry<String, String>> headers,
      Body body,
      Duration patience)
      throws IOException {
    boolean reused = isReusable();
    try {
      return exchange(method, path, headers, body, patience);
    } catch (EOFException e) {
      if (!reused) {
        throw e;
      }
      // the server had closed an idle connection: nothing of this request was answered
      close();
      return exchange(method, path, headers, body, patience);
    }
  }

  private boolean isReusable() {
    if (wire != null && unread != null && !unread.isComplete()) {
      close();
    }
    return wire != null;
  }

  private Response exchange(
      String method,
      String path,
      List<Map.Entry<String, String>> headers,
      Body body,
      Duration patience)
      throws IOException {
    Wire connected = wire == null ? open() : wire;
    OutputStream to = connected.out();
    connected.patience(patience);
    StringBuilder head = new StringBuilder(256);
    head.append(method)
        .append(' ')
        .append(path)
        .append(" HTTP/1.1\r\nHost: ")
        .append(authority)
        .append("\r\n");
    for (Map.Entry<String, String> header : headers) {
      head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
    }
    if (body.length() > 0 || !method.equals("GET")) {
      head.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    head.append("\r\n");
    to.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    try {
      body.writeTo(to);
      to.flush();
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      // a server that refuses a large body answers before it has read it all: that answer says why
    }
    return readHead(method, connected.in());
  }

  private Response readHead(String method, InputStream from) throws IOException {
    String statusLine = readLine(from);
    String[] parts = statusLine.split(" ", 3);
    if (parts.length < 2 || !parts[0].startsWith("HTTP/1.")) {
      throw new IOException("not an HTTP answer: " + statusLine);
    }
    int status = Integer.parseInt(parts[1]);
    Map<String, String> headers = new LinkedHashMap<>();
    int size = 0;
    for (String line = readLine(from); !line.isEmpty(); line = readLine(from)) {
      size += line.length();
      if (size > MOST_HEADER_BYTES) {
        throw new IOException(
            "the answer's headers are longer than " + MOST_HEADER_BYTES + " bytes");
      }
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.merge(
            line.substring(0, colon).toLowerCase(Locale.ROOT),
            line.substring(colon + 1).strip(),
            (first, second) -> first + ", " + second);
      }
    }
    if (status == 100) {
      return readHead(method, from);
    }
    BodyStream body = body(method, status, headers, from);
    unread = body;
    return new Response(status, headers, body);
  }

  private static BodyStream body(
      String method, int status, Map<String, String> headers, InputStream from) {
    if (method.equals("HEAD") || status == 204 || status == 304 || status == 101) {
      return BodyStream.counted(from, 0);
    }
    if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
      return BodyStream.chunked(from);
    }
    String length = headers.get("content-length");
    return length == null
        ? BodyStream.untilClose(from)
        : BodyStream.counted(from, Long.parseLong(length));
  }

  private Wire open() throws IOException {
    Wire opened = dialer.dial();
    wire = opened;
    unread = null;
    return opened;
  }

  /// After an upgrade, silence is no error.
  public void neverTimeOut() throws IOException {
    opened().patience(Duration.ZERO);
  }

  /// What the server sends after an upgrade (101).
  public InputStream upgradedInput() {
    return opened().in();
  }

  /// Where to write after an upgrade (101).
  public OutputStream upgradedOutput() {
    return opened().out();
  }

  private Wire opened() {
    return java.util.Objects.requireNonNull(wire);
  }

  /// A line without its end.
  static String readLine(InputStream from) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(64);
    for (int c = from.read(); c != '\n'; c = from.read()) {
      if (c < 0) {
        throw new EOFException("the server closed the connection");
      }
      if (line.size() > MOST_HEADER_BYTES) {
        throw new IOException(
            "a line of the answer is longer than " + MOST_HEADER_BYTES + " bytes");
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    if (wire != null) {
      try {
        wire.close();
      } catch (IOException e) {
        // nothing more is expected of it
      }
    }
    wire = null;
    unread = null;
  }
}
