package io.coxswain.controlplane.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// HTTP/2's frames as bytes, RFC 9113, 4 and 6; good or not as the caller likes.
final class Http2Frames {

  static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.UTF_8);

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 1;
  static final int ACK = 1;
  static final int END_HEADERS = 4;
  static final int PADDED = 8;
  static final int PRIORITIZED = 32;

  static final int LARGEST = 16 << 10;

  private Http2Frames() {}

  static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  /// @param values pairs of what is set and to which
  static byte[] settings(int... values) {
    ByteBuffer payload = ByteBuffer.allocate(values.length / 2 * 6);
    for (int i = 0; i + 1 < values.length; i += 2) {
      payload.putShort((short) values[i]).putInt(values[i + 1]);
    }
    return frame(SETTINGS, 0, 0, payload.array());
  }

  static byte[] get(int stream, String path) {
    byte[] block = block(request("GET", path));
    return frame(HEADERS, END_HEADERS | END_STREAM, stream, block);
  }

  static List<Map.Entry<String, String>> request(String method, String path) {
    return List.of(
        Map.entry(":method", method),
        Map.entry(":scheme", "https"),
        Map.entry(":authority", "localhost"),
        Map.entry(":path", path));
  }

  /// RFC 7541, 6.2.2: literals that nobody keeps.
  static byte[] block(List<Map.Entry<String, String>> headers) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    headers.forEach(header -> {
      out.write(0);
      text(out, header.getKey());
      text(out, header.getValue());
    });
    return out.toByteArray();
  }

  private static void text(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    integer(out, 0, 7, bytes.length);
    out.writeBytes(bytes);
  }

  /// RFC 7541, 5.1.
  static void integer(ByteArrayOutputStream out, int first, int bits, int value) {
    int most = (1 << bits) - 1;
    if (value < most) {
      out.write(first | value);
      return;
    }
    out.write(first | most);
    int rest = value - most;
    while (rest >= 128) {
      out.write((rest & 127) | 128);
      rest >>>= 7;
    }
    out.write(rest);
  }

  /// A block of headers in as many frames as it takes.
  static List<byte[]> headers(int stream, byte[] block, boolean endOfStream) {
    List<byte[]> frames = new ArrayList<>();
    int at = 0;
    do {
      int length = Math.min(LARGEST, block.length - at);
      byte[] part = java.util.Arrays.copyOfRange(block, at, at + length);
      at += length;
      int flags = at == block.length ? END_HEADERS : 0;
      frames.add(
          frames.isEmpty()
              ? frame(HEADERS, flags | (endOfStream ? END_STREAM : 0), stream, part)
              : frame(CONTINUATION, flags, stream, part));
    } while (at < block.length);
    return frames;
  }

  static byte[] random(Chance chance) {
    byte[] payload = chance.bytes(chance.below(40));
    int stream = chance.of(List.of(0, 1, 1, 3, 5, 2, 7, Integer.MAX_VALUE));
    byte[] frame = frame(chance.below(12), chance.below(256), stream, payload);
    if (chance.percent(5)) {
      frame[0] = (byte) chance.below(256); // a length that is not so
    }
    return frame;
  }
}
