package io.coxswain.controlplane.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// One request as its bytes go out.
///
/// @param target path and query, as sent
/// @param headers whole lines
/// @param framing how the body is told
/// @param stream whether the answer goes on until somebody ends it: only its head is waited for
@SuppressWarnings("ArrayRecordComponent") // nobody compares requests
record HostileRequest(
    String method,
    String target,
    List<String> headers,
    byte[] body,
    Framing framing,
    boolean stream)
    implements Attack {

  enum Framing {
    LENGTH,
    CHUNKS,
    /// The length says more than comes.
    SHORT,
    /// Chunks that are none.
    BROKEN_CHUNKS,
    /// Length and chunks at once, as smugglers do.
    BOTH
  }

  private static final Pattern HOP_BY_HOP =
      Pattern.compile("connection:|upgrade:|transfer-encoding:|te:|host:");
  private static final Pattern PLAIN = Pattern.compile("[!-~]+");

  /// Whether it is HTTP at all: a connection may be closed over what is not.
  boolean isHttp() {
    return framing == Framing.LENGTH || framing == Framing.CHUNKS;
  }

  /// Whether no answer can come, for the server waits for more.
  boolean isUnfinished() {
    return framing == Framing.SHORT || framing == Framing.BROKEN_CHUNKS;
  }

  /// Whether nothing is waited for after the head of an answer with this status: what the server
  /// says of its own errors is read.
  boolean endsWithHead(int status) {
    boolean bodiless = method.equals("HEAD") || method.equals("CONNECT");
    return bodiless || (stream && status < 500);
  }

  /// Whether it asks for nothing to be changed.
  boolean isRead() {
    return List.of("GET", "HEAD", "OPTIONS").contains(method.toUpperCase(Locale.ROOT));
  }

  /// Whether HTTP/2 has a way to say it: what it does not may be given up without an answer, RFC
  /// 9113, 8.1.1 and 8.2.
  boolean isPlainHttp2() {
    boolean fields =
        headers.stream()
            .allMatch(line ->
                line.chars().allMatch(c -> c >= ' ' && c < 127)
                    && line.equals(line.strip())
                    && !HOP_BY_HOP.matcher(line).lookingAt());
    return isHttp() && fields && PLAIN.matcher(method + target).matches();
  }

  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + 512);
    line(out, method + " " + target + " HTTP/1.1");
    line(out, "host: localhost");
    headers.forEach(header -> line(out, header));
    switch (framing) {
      case LENGTH -> {
        line(out, "content-length: " + body.length);
        line(out, "");
        out.writeBytes(body);
      }
      case SHORT -> {
        line(out, "content-length: " + (body.length + 10));
        line(out, "");
        out.writeBytes(body);
      }
      case BOTH -> {
        line(out, "content-length: " + body.length);
        line(out, "transfer-encoding: chunked");
        line(out, "");
        chunks(out, 64);
      }
      case CHUNKS -> {
        line(out, "transfer-encoding: chunked");
        line(out, "");
        chunks(out, Math.max(1, body.length / 7));
      }
      case BROKEN_CHUNKS -> {
        line(out, "transfer-encoding: chunked");
        line(out, "");
        line(out, "fffffffffffffff");
        out.writeBytes(body);
      }
    }
    return out.toByteArray();
  }

  private void chunks(ByteArrayOutputStream out, int size) {
    for (int at = 0; at < body.length; at += size) {
      int length = Math.min(size, body.length - at);
      line(out, Integer.toHexString(length));
      out.write(body, at, length);
      line(out, "");
    }
    line(out, "0");
    line(out, "");
  }

  private static void line(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    out.write('\r');
    out.write('\n');
  }

  @Override
  public String toString() {
    String text = new String(body, StandardCharsets.UTF_8);
    return method
        + " "
        + shortened(target, 400)
        + " "
        + headers
        + " "
        + framing
        + " body("
        + body.length
        + ")="
        + shortened(text, 6000);
  }

  static String shortened(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most) + "…";
  }
}
