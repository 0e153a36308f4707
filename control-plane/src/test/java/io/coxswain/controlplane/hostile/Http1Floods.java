package io.coxswain.controlplane.hostile;

import io.coxswain.controlplane.hostile.Onslaught.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLSocket;

/// HTTP/1.1 that is too much, too slow, or means two things at once.
final class Http1Floods {

  private static final String MAPS = "/api/v1/namespaces/hostile-0/configmaps";
  private static final String POST = "POST " + MAPS + " HTTP/1.1\r\nhost: x\r\n";
  private static final String CHUNKED =
      POST + "content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";

  static final List<Kind> KINDS =
      List.of(
          new Kind("many headers", Http1Floods::manyHeaders),
          new Kind("one long header", Http1Floods::longHeader),
          new Kind("a body in chunks without end", Http1Floods::endless),
          new Kind("crumbs of chunks", Http1Floods::crumbs),
          new Kind("chunks with long extensions", Http1Floods::extensions),
          new Kind("many trailers", Http1Floods::trailers),
          new Kind("requests ahead, no answer read", Http1Floods::ahead),
          new Kind("two framings", Http1Floods::smuggled),
          new Kind("a head that never ends", Http1Floods::slowHead),
          new Kind("a body that never ends", Http1Floods::slowBody),
          new Kind("long answers that nobody reads", Http1Floods::unread),
          new Kind("closed in the middle", Http1Floods::closed));

  private Http1Floods() {}

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void send(Target target, byte[] bytes) throws IOException {
    try (SSLSocket socket = target.connect()) {
      socket.getOutputStream().write(bytes);
      Onslaught.drain(socket);
    }
  }

  private static void manyHeaders(Target target, Chance chance, Lingering lingering)
      throws IOException {
    int count = 100 + chance.below(20_000);
    String header = chance.of(List.of("a: b\r\n", "accept: x\r\n", ": \r\n", "cookie: a=b; c\r\n"));
    send(target, utf8("GET /api HTTP/1.1\r\nhost: x\r\n" + header.repeat(count) + "\r\n"));
  }

  private static void longHeader(Target target, Chance chance, Lingering lingering)
      throws IOException {
    String value = "x".repeat(60_000 + chance.below(200_000));
    String name = chance.of(List.of("accept", "authorization", "impersonate-user", value));
    send(target, utf8("GET /api HTTP/1.1\r\nhost: x\r\n" + name + ": " + value + "\r\n\r\n"));
  }

  private static void endless(Target target, Chance chance, Lingering lingering)
      throws IOException {
    try (SSLSocket socket = target.connect()) {
      socket.getOutputStream().write(utf8(CHUNKED));
      byte[] chunk = utf8("8000\r\n" + " ".repeat(0x8000) + "\r\n");
      int count = 50 + chance.below(100);
      for (int i = 0; i < count; i++) {
        socket.getOutputStream().write(chunk);
      }
      Onslaught.drain(socket);
    }
  }

  private static void crumbs(Target target, Chance chance, Lingering lingering) throws IOException {
    send(target, utf8(CHUNKED + "1\r\n \r\n".repeat(5_000 + chance.below(20_000)) + "0\r\n\r\n"));
  }

  private static void extensions(Target target, Chance chance, Lingering lingering)
      throws IOException {
    String extension = ";a=" + "x".repeat(chance.below(20_000));
    send(target, utf8(CHUNKED + ("1" + extension + "\r\n \r\n").repeat(50) + "0\r\n\r\n"));
  }

  private static void trailers(Target target, Chance chance, Lingering lingering)
      throws IOException {
    int count = 100 + chance.below(20_000);
    send(target, utf8(CHUNKED + "2\r\n{}\r\n0\r\n" + "a: b\r\n".repeat(count) + "\r\n"));
  }

  private static void ahead(Target target, Chance chance, Lingering lingering) throws IOException {
    String one = "GET " + chance.of(List.of("/version", MAPS, "/openapi/v2")) + " HTTP/1.1\r\n";
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int count = 10 + chance.below(500);
    for (int i = 0; i < count; i++) {
      all.writeBytes(utf8(one + "host: x\r\n\r\n"));
    }
    try (SSLSocket socket = target.connect()) {
      Thread.ofVirtual().start(() -> write(socket, all.toByteArray()));
      if (chance.percent(50)) {
        Onslaught.drain(socket);
      }
    }
  }

  private static void write(SSLSocket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      // closed meanwhile
    }
  }

  private static void smuggled(Target target, Chance chance, Lingering lingering)
      throws IOException {
    String inner = "GET /api HTTP/1.1\r\nhost: x\r\n\r\n";
    send(
        target,
        utf8(
            chance.of(
                List.of(
                    POST + "content-length: 2\r\ncontent-length: 40\r\n\r\n{}" + inner,
                    POST + "content-length: 2, 2\r\n\r\n{}" + inner,
                    POST + "content-length: +2\r\n\r\n{}" + inner,
                    POST + "content-length: -2\r\n\r\n{}" + inner,
                    POST + "content-length: 99999999999999999999\r\n\r\n{}",
                    POST
                        + "transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n0\r\n\r\n"
                        + inner,
                    POST + "transfer-encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                    POST + "transfer-encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                    POST + "transfer-encoding : chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                    POST + "x: a\r\n b\r\ncontent-length: 2\r\n\r\n{}",
                    POST.replace("\r\n", "\n") + "content-length: 2\n\n{}",
                    CHUNKED + "-1\r\n{}\r\n0\r\n\r\n",
                    CHUNKED + "0x2\r\n{}\r\n0\r\n\r\n",
                    CHUNKED + "7fffffffffffffff\r\n{}",
                    CHUNKED + "2\r\n{}xx0\r\n\r\n",
                    "GET /api HTTP/1.0\r\n\r\n" + inner,
                    "GET /api HTTP/0.9\r\n\r\n",
                    "GET /api HTTP/3\r\n\r\n",
                    "GET /api\r\n\r\n",
                    "GET https://other/api HTTP/1.1\r\nhost: x\r\n\r\n",
                    "GET * HTTP/1.1\r\nhost: x\r\n\r\n",
                    "CONNECT x:443 HTTP/1.1\r\nhost: x\r\n\r\n",
                    "\u0000\u0001\u0002 / HTTP/1.1\r\n\r\n",
                    "A".repeat(100_000) + " / HTTP/1.1\r\n\r\n",
                    "GET /" + "a".repeat(200_000) + " HTTP/1.1\r\nhost: x\r\n\r\n",
                    "\r\n".repeat(50_000) + inner))));
  }

  @SuppressWarnings("resource") // lingers
  private static void slowHead(Target target, Chance chance, Lingering lingering)
      throws IOException {
    SSLSocket socket = target.connect();
    socket.getOutputStream().write(utf8("GET /api HTTP/1.1\r\nx: "));
    lingering.keep(socket, 'x');
  }

  @SuppressWarnings("resource") // lingers
  private static void slowBody(Target target, Chance chance, Lingering lingering)
      throws IOException {
    SSLSocket socket = target.connect();
    String length = "content-type: application/json\r\ncontent-length: 3000000\r\n\r\n";
    socket.getOutputStream().write(utf8(POST + length + "{"));
    lingering.keep(socket, ' ');
  }

  @SuppressWarnings("resource") // lingers
  private static void unread(Target target, Chance chance, Lingering lingering) throws IOException {
    SSLSocket socket = target.connect();
    socket.setReceiveBufferSize(4096);
    String one = "GET /openapi/v2 HTTP/1.1\r\nhost: x\r\n\r\n";
    socket.getOutputStream().write(utf8(one.repeat(20)));
    lingering.keep(socket, -1);
  }

  private static void closed(Target target, Chance chance, Lingering lingering) throws IOException {
    byte[] whole = utf8(POST + "content-length: 500\r\n\r\n" + " ".repeat(500));
    try (SSLSocket socket = target.connect()) {
      socket.getOutputStream().write(whole, 0, 1 + chance.below(whole.length - 1));
      if (chance.percent(50)) {
        socket.setSoLinger(true, 0); // a reset
      }
    }
  }
}
