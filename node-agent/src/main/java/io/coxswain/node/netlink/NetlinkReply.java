package io.coxswain.node.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// One message of an answer. Reading beyond what came gives zero or nothing: the kernel adds and
/// leaves out attributes from version to version.
///
/// @param body what follows the header, in the machine's byte order
public record NetlinkReply(int type, ByteBuffer body) {

  private static final int TYPE_BITS = 0x3fff;

  /// The attributes after a fixed part of `offset` bytes, by their type. Of several of one type,
  /// the last.
  public Map<Integer, ByteBuffer> attributes(int offset) {
    return parse(slice(body, Math.min(offset, body.limit()), body.limit()));
  }

  public static Map<Integer, ByteBuffer> parse(ByteBuffer bytes) {
    Map<Integer, ByteBuffer> attributes = new HashMap<>();
    int at = bytes.position();
    while (at + 4 <= bytes.limit()) {
      int length = bytes.getShort(at) & 0xffff;
      if (length < 4 || at + length > bytes.limit()) {
        break;
      }
      attributes.put(bytes.getShort(at + 2) & TYPE_BITS, slice(bytes, at + 4, at + length));
      at += (length + 3) & ~3;
    }
    return attributes;
  }

  public int u8(int offset) {
    return offset + 1 <= body.limit() ? body.get(offset) & 0xff : 0;
  }

  public int u32(int offset) {
    return offset + 4 <= body.limit() ? body.getInt(offset) : 0;
  }

  public static byte[] bytes(ByteBuffer value) {
    byte[] bytes = new byte[value.remaining()];
    value.duplicate().get(bytes);
    return bytes;
  }

  static String text(ByteBuffer value) {
    String text = new String(bytes(value), StandardCharsets.UTF_8);
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }

  private static ByteBuffer slice(ByteBuffer bytes, int from, int to) {
    return bytes.duplicate().position(from).limit(to).slice().order(ByteOrder.nativeOrder());
  }
}
