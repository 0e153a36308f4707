package io.coxswain.node.dns;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Names between bytes and text. In text they are in lower case, without the dot at the end; the
/// root is empty.
final class DnsName {

  private static final int MOST_LABEL_BYTES = 63;
  private static final int MOST_BYTES = 255;
  private static final int POINTER = 0xc0;

  /// A name read from a message.
  ///
  /// @param end offset of what follows it
  record Read(String name, int end) {}

  private DnsName() {}

  static Read read(byte[] message, int offset) throws DnsFormatException {
    StringBuilder name = new StringBuilder();
    int at = offset;
    int end = -1;
    int bytes = 0;
    while (true) {
      int length = unsigned(message, at);
      if ((length & POINTER) == POINTER) {
        int target = ((length & ~POINTER) << 8) | unsigned(message, at + 1);
        if (end < 0) {
          end = at + 2;
        }
        // Only backwards: so it ends.
        if (target >= at) {
          throw new DnsFormatException("a name points forward");
        }
        at = target;
        continue;
      }
      if ((length & POINTER) != 0) {
        throw new DnsFormatException("a label of an unknown sort");
      }
      bytes += length + 1;
      if (bytes > MOST_BYTES || at + length >= message.length) {
        throw new DnsFormatException("a name that is too long");
      }
      at++;
      if (length == 0) {
        return new Read(name.toString().toLowerCase(Locale.ROOT), end < 0 ? at : end);
      }
      if (!name.isEmpty()) {
        name.append('.');
      }
      appendLabel(name, message, at, length);
      at += length;
    }
  }

  /// A dot inside of a label must not look like one between labels.
  private static void appendLabel(StringBuilder name, byte[] message, int at, int length) {
    for (int i = at; i < at + length; i++) {
      char c = (char) (message[i] & 0xff);
      if (c == '.' || c == '\\') {
        name.append('\\');
      }
      name.append(c);
    }
  }

  /// The name in bytes, uncompressed.
  ///
  /// @throws IllegalArgumentException when it is no name
  static byte[] bytes(String name) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (!name.isEmpty()) {
      for (String label : name.split("\\.", -1)) {
        byte[] text = label.getBytes(StandardCharsets.ISO_8859_1);
        if (text.length == 0 || text.length > MOST_LABEL_BYTES) {
          throw new IllegalArgumentException("'%s' is no domain name".formatted(name));
        }
        bytes.write(text.length);
        bytes.writeBytes(text);
      }
    }
    bytes.write(0);
    if (bytes.size() > MOST_BYTES) {
      throw new IllegalArgumentException("the domain name '%s' is too long".formatted(name));
    }
    return bytes.toByteArray();
  }

  static int unsigned(byte[] message, int at) throws DnsFormatException {
    if (at < 0 || at >= message.length) {
      throw new DnsFormatException("it ends too early");
    }
    return message[at] & 0xff;
  }

  static int unsigned16(byte[] message, int at) throws DnsFormatException {
    return (unsigned(message, at) << 8) | unsigned(message, at + 1);
  }
}
