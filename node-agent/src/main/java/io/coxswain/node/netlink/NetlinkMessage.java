package io.coxswain.node.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/// A request as netlink(7) has it: header, a fixed part, then attributes (type, length, value) that
/// may nest. Numbers are in the machine's byte order unless a method says otherwise.
public final class NetlinkMessage {

  /// Header flags. REPLACE, EXCLUSIVE, CREATE and APPEND are for what makes something.
  public static final int REQUEST = 0x1;

  public static final int ACK = 0x4;
  public static final int DUMP = 0x300;
  public static final int REPLACE = 0x100;
  public static final int EXCLUSIVE = 0x200;
  public static final int CREATE = 0x400;

  static final int HEADER_BYTES = 16;
  private static final int NESTED = 0x8000;
  private static final int MOST_BYTES = 16 * 1024;

  private final String what;
  private final int type;
  private final int flags;
  private ByteBuffer body = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());

  /// @param what is asked for, for the message of a refusal
  public NetlinkMessage(String what, int type, int flags) {
    this.what = what;
    this.type = type;
    this.flags = flags | REQUEST;
  }

  String what() {
    return what;
  }

  boolean isDump() {
    return (flags & DUMP) == DUMP && (flags & CREATE) == 0;
  }

  /// The whole message, with this sequence number.
  byte[] encode(int sequence) {
    int length = HEADER_BYTES + body.position();
    ByteBuffer message = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
    message.putInt(length).putShort((short) type);
    message.putShort((short) (isDump() ? flags : flags | ACK));
    message.putInt(sequence).putInt(0);
    message.put(body.array(), 0, body.position());
    return message.array();
  }

  public NetlinkMessage u8(int... values) {
    room(values.length);
    for (int value : values) {
      body.put((byte) value);
    }
    return this;
  }

  public NetlinkMessage u16(int value) {
    room(2);
    body.putShort((short) value);
    return this;
  }

  public NetlinkMessage u32(int value) {
    room(4);
    body.putInt(value);
    return this;
  }

  public NetlinkMessage attribute(int kind, byte[] value) {
    int padded = (value.length + 3) & ~3;
    room(4 + padded);
    body.putShort((short) (4 + value.length)).putShort((short) kind).put(value);
    body.put(new byte[padded - value.length]);
    return this;
  }

  public NetlinkMessage attribute(int kind, InetAddress address) {
    return attribute(kind, address.getAddress());
  }

  public NetlinkMessage attribute(int kind, MacAddress address) {
    return attribute(kind, address.bytes());
  }

  public NetlinkMessage attributeU8(int kind, int value) {
    return attribute(kind, new byte[] {(byte) value});
  }

  public NetlinkMessage attributeU32(int kind, int value) {
    room(8);
    body.putShort((short) 8).putShort((short) kind).putInt(value);
    return this;
  }

  /// Two bytes, the high one first, as ports go over the wire.
  public NetlinkMessage attributeNetworkU16(int kind, int value) {
    return attribute(kind, new byte[] {(byte) (value >> 8), (byte) value});
  }

  /// Text ended by a zero byte.
  public NetlinkMessage attribute(int kind, String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    return attribute(kind, Arrays.copyOf(text, text.length + 1));
  }

  public NetlinkMessage nested(int kind, Consumer<NetlinkMessage> content) {
    room(4);
    int start = body.position();
    body.putShort((short) 0).putShort((short) (kind | NESTED));
    content.accept(this);
    body.putShort(start, (short) (body.position() - start));
    return this;
  }

  private void room(int bytes) {
    if (body.remaining() >= bytes) {
      return;
    }
    int wanted = Math.max(body.capacity() * 2, body.position() + bytes);
    if (wanted > MOST_BYTES) {
      throw new IllegalArgumentException(what + ": the request is too large");
    }
    body = ByteBuffer.allocate(wanted).order(ByteOrder.nativeOrder()).put(body.flip());
  }
}
