package io.coxswain.kubectl.forward;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.Deflater;

/// Packs the headers of SPDY/3.1 frames: all blocks of a connection are one zlib stream, flushed
/// after each. The dictionary that SPDY has for it is left out, which a zlib stream says in its
/// first bytes: the few headers of a forwarded port have no use for it.
final class SpdyHeaders implements AutoCloseable {

  private final Deflater deflater = new Deflater();

  /// @param headers names in lower case
  byte[] pack(Map<String, String> headers) {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    number(headers.size(), plain);
    headers.forEach((name, value) -> {
      text(name, plain);
      text(value, plain);
    });
    deflater.setInput(plain.toByteArray());
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    byte[] buffer = new byte[512];
    int count = buffer.length;
    while (count == buffer.length) {
      count = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
      packed.write(buffer, 0, count);
    }
    return packed.toByteArray();
  }

  private static void number(int number, ByteArrayOutputStream to) {
    to.writeBytes(ByteBuffer.allocate(4).putInt(number).array());
  }

  private static void text(String text, ByteArrayOutputStream to) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    number(bytes.length, to);
    to.writeBytes(bytes);
  }

  @Override
  public void close() {
    deflater.end();
  }
}
