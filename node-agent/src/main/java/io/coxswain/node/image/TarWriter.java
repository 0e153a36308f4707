package io.coxswain.node.image;

import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// Writes a tar archive front to back: ustar, with pax headers (POSIX.1-2001) for what does not fit
/// in. The same members give the same bytes. It is not commons-compress's writer, which takes
/// values of pax headers as text and so damages file capabilities.
///
/// Blocks as its target does. Needs little memory whatever the members are.
final class TarWriter {

  private static final int BLOCK = 512;
  private static final long MOST_OCTAL_SIZE = 077777777777L;
  private static final long MOST_OCTAL_ID = 07777777L;
  private static final int NAME_BYTES = 100;
  private static final String PAX_ATTRIBUTE = "SCHILY.xattr.";

  private final OutputStream to;
  private long left;
  private int padding;

  TarWriter(OutputStream to) {
    this.to = to;
  }

  /// A member without content.
  void add(TarEntry entry) throws IOException {
    begin(entry);
    end();
  }

  /// A small file.
  void add(TarEntry entry, byte[] content) throws IOException {
    begin(entry);
    write(content, 0, content.length);
    end();
  }

  /// After the member before has ended.
  void begin(TarEntry entry) throws IOException {
    Map<String, byte[]> extended = extended(entry);
    if (!extended.isEmpty()) {
      byte[] records = records(extended);
      to.write(header("PaxHeaders.0/file", 'x', records.length, entry));
      to.write(records);
      pad(records.length);
    }
    to.write(header(entry.path(), entry.type(), entry.size(), entry));
    left = entry.size();
    padding = (int) (-entry.size() & (BLOCK - 1));
  }

  /// The next of the member's content.
  ///
  /// @throws IOException also when it is more than its header says
  void write(byte[] bytes, int offset, int length) throws IOException {
    if (length > left) {
      throw new IOException("a file became larger while it was written");
    }
    to.write(bytes, offset, length);
    left -= length;
  }

  /// Takes the content of the member that has begun, as [#write] does. Its end is not the member's.
  OutputStream content() {
    return new OutputStream() {
      @Override
      public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        TarWriter.this.write(bytes, offset, length);
      }
    };
  }

  /// @throws IOException also when the content is less than its header says
  void end() throws IOException {
    if (left > 0) {
      throw new IOException("a file became smaller while it was written");
    }
    to.write(new byte[padding]);
  }

  /// Ends the archive; the target stays open.
  void finish() throws IOException {
    to.write(new byte[2 * BLOCK]);
    to.flush();
  }

  /// By their names, so that their order is always the same.
  private static Map<String, byte[]> extended(TarEntry entry) {
    Map<String, byte[]> extended = new TreeMap<>();
    entry.attributes().forEach((name, value) -> extended.put(PAX_ATTRIBUTE + name, value));
    if (!fits(entry.path())) {
      extended.put("path", bytes(entry.path()));
    }
    if (!fits(entry.link())) {
      extended.put("linkpath", bytes(entry.link()));
    }
    if (entry.size() > MOST_OCTAL_SIZE) {
      extended.put("size", bytes(Long.toString(entry.size())));
    }
    if (entry.user() > MOST_OCTAL_ID) {
      extended.put("uid", bytes(Long.toString(entry.user())));
    }
    if (entry.group() > MOST_OCTAL_ID) {
      extended.put("gid", bytes(Long.toString(entry.group())));
    }
    Instant time = entry.modified();
    long seconds = time.getEpochSecond();
    if (time.getNano() != 0 || seconds < 0 || seconds > MOST_OCTAL_SIZE) {
      extended.put("mtime", bytes(decimal(time)));
    }
    return extended;
  }

  private static String decimal(Instant time) {
    return BigDecimal.valueOf(time.getEpochSecond())
        .add(BigDecimal.valueOf(time.getNano(), 9))
        .stripTrailingZeros()
        .toPlainString();
  }

  /// As ASCII, which is all that readers agree on in the old fields.
  private static boolean fits(String text) {
    return text.length() <= NAME_BYTES && text.chars().allMatch(c -> c < 0x80);
  }

  /// Each as `length key=value\n`, whose length counts its own digits.
  private static byte[] records(Map<String, byte[]> extended) {
    var all = new java.io.ByteArrayOutputStream();
    extended.forEach((key, value) -> {
      byte[] name = bytes(" " + key + "=");
      int rest = name.length + value.length + 1;
      int length = rest + 1;
      while (Integer.toString(length).length() + rest != length) {
        length++;
      }
      all.writeBytes(bytes(Integer.toString(length)));
      all.writeBytes(name);
      all.writeBytes(value);
      all.write('\n');
    });
    return all.toByteArray();
  }

  private static byte[] header(String name, char type, long size, TarEntry entry) {
    byte[] block = new byte[BLOCK];
    text(block, 0, NAME_BYTES, name);
    octal(block, 100, 8, entry.mode());
    octal(block, 108, 8, entry.user() > MOST_OCTAL_ID ? 0 : entry.user());
    octal(block, 116, 8, entry.group() > MOST_OCTAL_ID ? 0 : entry.group());
    octal(block, 124, 12, size > MOST_OCTAL_SIZE ? 0 : size);
    octal(block, 136, 12, Math.clamp(entry.modified().getEpochSecond(), 0, MOST_OCTAL_SIZE));
    Arrays.fill(block, 148, 156, (byte) ' ');
    block[156] = (byte) type;
    if (type != 'x') {
      text(block, 157, NAME_BYTES, entry.link());
    }
    text(block, 257, 8, "ustar\00000");
    octal(block, 329, 8, 0);
    octal(block, 337, 8, 0);
    int sum = 0;
    for (byte each : block) {
      sum += each & 0xff;
    }
    octal(block, 148, 7, sum);
    return block;
  }

  /// What is not ASCII stands in a pax header, which counts.
  private static void text(byte[] block, int at, int length, String text) {
    for (int i = 0; i < Math.min(length, text.length()); i++) {
      char c = text.charAt(i);
      block[at + i] = (byte) (c < 0x80 ? c : '_');
    }
  }

  private static void octal(byte[] block, int at, int length, long number) {
    String digits = Long.toOctalString(number);
    text(block, at, length - 1, "0".repeat(Math.max(0, length - 1 - digits.length())) + digits);
    block[at + length - 1] = 0;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void pad(long size) throws IOException {
    to.write(new byte[(int) (-size & (BLOCK - 1))]);
  }
}
