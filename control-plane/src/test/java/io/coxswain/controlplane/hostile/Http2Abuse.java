package io.coxswain.controlplane.hostile;

import static io.coxswain.controlplane.hostile.Http2Frames.frame;
import static io.coxswain.controlplane.hostile.Http2Frames.number;

import io.coxswain.controlplane.hostile.Onslaught.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;

/// HTTP/2 that means nothing, or that keeps the server holding things.
final class Http2Abuse {

  private static final String MAPS = "/api/v1/namespaces/hostile-0/configmaps";
  private static final int ENABLE_PUSH = 2;
  private static final int INITIAL_WINDOW = 4;

  static final List<Kind> KINDS =
      List.of(
          new Kind("frames in no order", Http2Abuse::random),
          new Kind("answers that find no window", Http2Abuse::noWindow),
          new Kind("a window of a byte", Http2Abuse::tinyWindow),
          new Kind("windows beyond all bounds", Http2Abuse::windowOverflow),
          new Kind("a bomb of headers", Http2Abuse::headerBomb),
          new Kind("headers that are none", Http2Abuse::badHeaders),
          new Kind("rubbish instead of headers", Http2Abuse::badBlock),
          new Kind("settings that are none", Http2Abuse::badSettings),
          new Kind("data where none may be", Http2Abuse::misplaced),
          new Kind("a body longer than it says", Http2Abuse::wrongLength),
          new Kind("more streams than allowed", Http2Abuse::manyStreams),
          new Kind("a stream that never ends", Http2Abuse::slow));

  private Http2Abuse() {}

  /// What is sent, on a connection that has begun well; then what comes is read.
  static void send(Target target, byte[] settings, byte[] frames) throws IOException {
    try (SSLSocket socket = open(target, settings)) {
      socket.getOutputStream().write(frames);
      socket.getOutputStream().flush();
      Onslaught.drain(socket);
    }
  }

  static SSLSocket open(Target target, byte[] settings) throws IOException {
    SSLSocket socket = target.connectHttp2();
    socket.getOutputStream().write(Http2Frames.PREFACE);
    socket.getOutputStream().write(settings);
    socket.getOutputStream().flush();
    return socket;
  }

  private static void random(Target target, Chance chance, Lingering lingering) throws IOException {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int i = 0; i < 200; i++) {
      frames.writeBytes(Http2Frames.random(chance));
    }
    send(target, chance.percent(80) ? Http2Frames.settings() : new byte[0], frames.toByteArray());
  }

  @SuppressWarnings("resource") // lingers
  private static void noWindow(Target target, Chance chance, Lingering lingering)
      throws IOException {
    SSLSocket socket = open(target, Http2Frames.settings(INITIAL_WINDOW, 0));
    int count = 1 + chance.below(100);
    String path = chance.of(List.of("/openapi/v2", MAPS, "/api/v1/configmaps?watch=1", "/version"));
    for (int i = 0; i < count; i++) {
      socket.getOutputStream().write(Http2Frames.get(2 * i + 1, path));
    }
    lingering.keep(socket, -1);
  }

  private static void tinyWindow(Target target, Chance chance, Lingering lingering)
      throws IOException {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    frames.writeBytes(Http2Frames.get(1, "/openapi/v2"));
    for (int i = 0; i < 2000; i++) {
      frames.writeBytes(frame(Http2Frames.WINDOW_UPDATE, 0, 1, number(1)));
    }
    send(target, Http2Frames.settings(INITIAL_WINDOW, 1), frames.toByteArray());
  }

  private static void windowOverflow(Target target, Chance chance, Lingering lingering)
      throws IOException {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    frames.writeBytes(Http2Frames.get(1, "/openapi/v2"));
    int stream = chance.of(List.of(0, 1, 3, Integer.MAX_VALUE));
    for (int i = 0; i < 3; i++) {
      int more = chance.of(List.of(0, 1, Integer.MAX_VALUE, -1));
      frames.writeBytes(frame(Http2Frames.WINDOW_UPDATE, 0, stream, number(more)));
      frames.writeBytes(Http2Frames.settings(INITIAL_WINDOW, more));
    }
    send(target, Http2Frames.settings(), frames.toByteArray());
  }

  /// One long header is put into the table, and named a few thousand times.
  private static void headerBomb(Target target, Chance chance, Lingering lingering)
      throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.writeBytes(Http2Frames.block(Http2Frames.request("GET", "/version")));
    block.write(0x40); // RFC 7541, 6.2.1: kept
    byte[] bomb = Http2Frames.block(List.of(Map.entry("bomb", "x".repeat(3900))));
    block.write(bomb, 1, bomb.length - 1);
    int times = 100 + chance.below(10_000);
    for (int i = 0; i < times; i++) {
      block.write(0x80 | 62); // RFC 7541, 6.1: the newest of the table
    }
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    Http2Frames.headers(1, block.toByteArray(), true).forEach(frames::writeBytes);
    send(target, Http2Frames.settings(), frames.toByteArray());
  }

  private static void badHeaders(Target target, Chance chance, Lingering lingering)
      throws IOException {
    List<Map.Entry<String, String>> headers =
        new java.util.ArrayList<>(Http2Frames.request("GET", "/version"));
    for (int i = 0; i < 2; i++) {
      String name =
          chance.of(
              List.of(
                  ":path",
                  ":method",
                  ":status",
                  ":x",
                  "Upper",
                  "connection",
                  "te",
                  "",
                  "a b",
                  "host",
                  "transfer-encoding",
                  "content-length",
                  "upgrade",
                  "a\u0000",
                  "cookie",
                  ":protocol"));
      headers.add(
          chance.below(headers.size() + 1),
          Map.entry(name, HostileRequest.shortened(chance.of(Nasty.TEXTS), 5000)));
    }
    if (chance.percent(50)) {
      headers.remove(chance.below(headers.size()));
    }
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    Http2Frames.headers(1, Http2Frames.block(headers), true).forEach(frames::writeBytes);
    frames.writeBytes(Http2Frames.get(3, "/version"));
    send(target, Http2Frames.settings(), frames.toByteArray());
  }

  private static void badBlock(Target target, Chance chance, Lingering lingering)
      throws IOException {
    byte[] block = chance.bytes(1 + chance.below(3000));
    int flags = Http2Frames.END_HEADERS | (chance.percent(50) ? Http2Frames.PADDED : 0);
    send(target, Http2Frames.settings(), frame(Http2Frames.HEADERS, flags, 1, block));
  }

  private static void badSettings(Target target, Chance chance, Lingering lingering)
      throws IOException {
    int[] values = new int[2 * (1 + chance.below(2000))];
    for (int i = 0; i < values.length; i += 2) {
      values[i] = chance.below(10);
      values[i + 1] = chance.of(List.of(0, 1, 2, -1, Integer.MAX_VALUE, 16_384, 65_535));
    }
    byte[] settings = Http2Frames.settings(values);
    if (chance.percent(20)) {
      settings = frame(Http2Frames.SETTINGS, chance.below(2), chance.below(2), chance.bytes(7));
    }
    send(target, settings, Http2Frames.get(1, "/version"));
  }

  private static void misplaced(Target target, Chance chance, Lingering lingering)
      throws IOException {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    frames.writeBytes(Http2Frames.get(5, "/version"));
    int stream = chance.of(List.of(0, 1, 2, 5, 7));
    int type =
        chance.of(List.of(Http2Frames.DATA, Http2Frames.CONTINUATION, 5, Http2Frames.GOAWAY));
    frames.writeBytes(frame(type, chance.below(256), stream, chance.bytes(chance.below(300))));
    frames.writeBytes(Http2Frames.get(3, "/version"));
    send(target, Http2Frames.settings(ENABLE_PUSH, chance.below(3)), frames.toByteArray());
  }

  private static void wrongLength(Target target, Chance chance, Lingering lingering)
      throws IOException {
    List<Map.Entry<String, String>> headers =
        new java.util.ArrayList<>(Http2Frames.request("POST", MAPS));
    headers.add(Map.entry("content-type", "application/json"));
    headers.add(Map.entry("content-length", chance.below(100) + ""));
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    Http2Frames.headers(1, Http2Frames.block(headers), false).forEach(frames::writeBytes);
    int flags = chance.percent(50) ? Http2Frames.END_STREAM : 0;
    frames.writeBytes(frame(Http2Frames.DATA, flags, 1, new byte[50]));
    send(target, Http2Frames.settings(), frames.toByteArray());
  }

  private static void manyStreams(Target target, Chance chance, Lingering lingering)
      throws IOException {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    String path = "/api/v1/namespaces/hostile-0/configmaps?watch=1&timeoutSeconds=2";
    int count = 200 + chance.below(400);
    for (int i = 0; i < count; i++) {
      frames.writeBytes(Http2Frames.get(2 * i + 1, path));
    }
    send(target, Http2Frames.settings(), frames.toByteArray());
  }

  @SuppressWarnings("resource") // lingers
  private static void slow(Target target, Chance chance, Lingering lingering) throws IOException {
    SSLSocket socket = open(target, Http2Frames.settings());
    byte[] block = Http2Frames.block(Http2Frames.request("POST", MAPS));
    for (int i = 0; i < 50; i++) {
      int flags = chance.percent(50) ? Http2Frames.END_HEADERS : 0;
      socket.getOutputStream().write(frame(Http2Frames.HEADERS, flags, 2 * i + 1, block));
      if (flags == 0) {
        break; // the head goes on, and nothing else may come
      }
    }
    lingering.keep(socket, -1);
  }
}
