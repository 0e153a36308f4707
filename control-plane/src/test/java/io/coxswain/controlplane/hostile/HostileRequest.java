package io.coxswain.controlplane.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

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
    boolean stream) {

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

  /// Whether it is HTTP at all: a connection may be closed over what is not.
  boolean isHttp() {
    return framing == Framing.LENGTH || framing == Framing.CHUNKS;
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
