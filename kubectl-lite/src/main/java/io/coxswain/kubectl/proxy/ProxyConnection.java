package io.coxswain.kubectl.proxy;

import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.http.HttpConnection;
import io.coxswain.kubectl.http.Response;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// One client's connection: a request at a time (RFC 9112), each with the credentials of whoever
/// started the proxy, and with those of nobody else.
final class ProxyConnection implements AutoCloseable {

  private static final int MOST_BODY_BYTES = 64 << 20;
  private static final int MOST_HEADERS = 200;

  /// Of this connection alone, or whoever started the proxy says it.
  private static final Set<String> NOT_PASSED_ON =
      Set.of(
          "host",
          "connection",
          "keep-alive",
          "proxy-connection",
          "transfer-encoding",
          "content-length",
          "authorization",
          "user-agent",
          "te",
          "trailer",
          "expect");

  private record Request(
      String method, String path, String version, List<Map.Entry<String, String>> headers) {

    /// Who speaks HTTP/1.0 reads an answer to the connection's end, and knows no pieces of it.
    boolean isOld() {
      return version.equals("HTTP/1.0");
    }

    boolean isLast() {
      return isOld() || header("connection").equalsIgnoreCase("close");
    }

    String header(String name) {
      for (Map.Entry<String, String> header : headers) {
        if (header.getKey().equalsIgnoreCase(name)) {
          return header.getValue();
        }
      }
      return "";
    }

    boolean isUpgrade() {
      return header("connection").toLowerCase(Locale.ROOT).contains("upgrade");
    }
  }

  private final Api api;
  private final ProxyFilter filter;
  private final String prefix;
  private final InputStream in;
  private final OutputStream out;
  private final HttpConnection server;

  ProxyConnection(Api api, ProxyFilter filter, String prefix, InputStream in, OutputStream out) {
    this.api = api;
    this.filter = filter;
    this.prefix = prefix;
    this.in = new BufferedInputStream(in, 16 * 1024);
    this.out = out;
    this.server = api.upgradable();
  }

  void serve() throws IOException {
    boolean more = true;
    while (more) {
      String line = line();
      if (line.isEmpty()) {
        return;
      }
      String[] parts = line.split(" ", 3);
      if (parts.length < 3 || !parts[1].startsWith("/")) {
        answer(400, "Bad Request", "the request line is not understood: " + line);
        return;
      }
      Request request = new Request(parts[0], parts[1], parts[2], headers());
      more = one(request) && !request.isLast();
    }
  }

  /// @return whether the connection can carry another
  private boolean one(Request request) throws IOException {
    byte[] body = body(request);
    int mark = request.path().indexOf('?');
    String plain = mark < 0 ? request.path() : request.path().substring(0, mark);
    if (!filter.accepts(request.method(), plain, request.header("host"))) {
      answer(403, "Forbidden", "Forbidden");
      return true;
    }
    if (!request.path().startsWith(prefix)) {
      answer(404, "Not Found", "404 page not found");
      return true;
    }
    Response response;
    try {
      response =
          server.send(
              request.method(),
              api.base() + "/" + request.path().substring(prefix.length()),
              passedOn(request),
              body,
              Duration.ZERO);
    } catch (IOException e) {
      answer(502, "Bad Gateway", String.valueOf(e.getMessage()));
      return false;
    }
    if (response.status() == 101) {
      upgraded(response);
      return false;
    }
    pass(request, response);
    return true;
  }

  private List<Map.Entry<String, String>> passedOn(Request request) {
    List<Map.Entry<String, String>> headers = api.headers();
    for (Map.Entry<String, String> header : request.headers()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      boolean ours = name.startsWith("impersonate-");
      if (!NOT_PASSED_ON.contains(name) && !ours && !name.equals("upgrade")) {
        headers.add(header);
      }
    }
    if (request.isUpgrade()) {
      headers.add(Map.entry("Connection", "Upgrade"));
      headers.add(Map.entry("Upgrade", request.header("upgrade")));
    }
    return headers;
  }

  private void pass(Request request, Response response) throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 ").append(response.status()).append(" \r\n");
    boolean empty =
        request.method().equals("HEAD") || response.status() == 204 || response.status() == 304;
    boolean counted = !response.header("content-length").isEmpty();
    boolean pieces = !counted && !request.isOld();
    head(response, head);
    if (request.isLast()) {
      head.append("Connection: close\r\n");
    }
    if (counted) {
      head.append("Content-Length: ").append(response.header("content-length")).append("\r\n");
    } else if (!empty && pieces) {
      head.append("Transfer-Encoding: chunked\r\n");
    }
    out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    byte[] buffer = new byte[16 * 1024];
    try (InputStream body = response.body()) {
      for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
        if (pieces) {
          out.write((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        }
        out.write(buffer, 0, count);
        if (pieces) {
          out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        out.flush();
      }
    }
    if (pieces && !empty) {
      out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }
  }

  private static void head(Response response, StringBuilder head) {
    response
        .headers()
        .forEach((name, value) -> {
          if (!NOT_PASSED_ON.contains(name) && !name.equals("upgrade")) {
            head.append(name).append(": ").append(value).append("\r\n");
          }
        });
  }

  /// From here on the bytes are nobody's business.
  private void upgraded(Response response) throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n");
    head(response, head);
    head.append("Connection: Upgrade\r\nUpgrade: ").append(response.header("upgrade"));
    out.write(head.append("\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    server.neverTimeOut();
    InputStream fromServer = server.upgradedInput();
    OutputStream toServer = server.upgradedOutput();
    Thread up =
        Thread.ofVirtual()
            .name("proxy-up")
            .start(() -> {
              pump(in, toServer);
              server.close();
            });
    pump(fromServer, out);
    in.close();
    try {
      up.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void pump(InputStream from, OutputStream to) {
    byte[] buffer = new byte[16 * 1024];
    try {
      for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
        to.write(buffer, 0, count);
        to.flush();
      }
    } catch (IOException e) {
      // one of the two is gone, and so the other goes
    }
  }

  private void answer(int status, String reason, String text) throws IOException {
    byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
    String head =
        "HTTP/1.1 "
            + status
            + " "
            + reason
            + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    out.write(head.getBytes(StandardCharsets.ISO_8859_1));
    out.write(body);
    out.flush();
  }

  private List<Map.Entry<String, String>> headers() throws IOException {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      if (colon <= 0 || headers.size() == MOST_HEADERS) {
        throw new IOException("headers that are not understood");
      }
      headers.add(Map.entry(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    return headers;
  }

  private byte[] body(Request request) throws IOException {
    if (request.header("expect").equalsIgnoreCase("100-continue")) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }
    if (request.header("transfer-encoding").toLowerCase(Locale.ROOT).contains("chunked")) {
      return chunks();
    }
    String length = request.header("content-length");
    if (length.isEmpty()) {
      return new byte[0];
    }
    return exactly(number(length, 10));
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    while (true) {
      String size = line();
      int semicolon = size.indexOf(';');
      int length = number((semicolon < 0 ? size : size.substring(0, semicolon)).strip(), 16);
      if (length == 0) {
        while (!line().isEmpty()) {
          // trailers
        }
        return whole.toByteArray();
      }
      if (whole.size() > MOST_BODY_BYTES - length) {
        throw new IOException("a body of more than " + MOST_BODY_BYTES + " bytes");
      }
      whole.write(exactly(length));
      line();
    }
  }

  private static int number(String text, int radix) throws IOException {
    try {
      int number = Integer.parseInt(text, radix);
      if (number < 0 || number > MOST_BODY_BYTES) {
        throw new IOException("a body of more than " + MOST_BODY_BYTES + " bytes");
      }
      return number;
    } catch (NumberFormatException e) {
      throw new IOException("\"" + text + "\" is no length", e);
    }
  }

  private byte[] exactly(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new IOException("the client went away");
    }
    return bytes;
  }

  /// Empty at the connection's end, too.
  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(64);
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (line.size() > 64 * 1024) {
        throw new IOException("a line that is too long");
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    server.close();
  }
}
