package io.coxswain.kubectl.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// Writes an archive that every `tar` reads: ustar, with pax headers for what does not fit in
/// (`tar(5)`).
public final class TarWriter implements AutoCloseable {

  private static final int BLOCK = 512;
  private static final long MOST_OCTAL_SIZE = 077777777777L;
  private static final long MOST_OCTAL_ID = 07777777L;

  private final OutputStream to;

  public TarWriter(OutputStream to) {
    this.to = to;
  }

  /// A file whose content is what the stream holds.
  ///
  /// @throws IOException also when it holds another number of bytes than the entry says
  public void add(TarEntry entry, InputStream content) throws IOException {
    header(entry);
    byte[] buffer = new byte[64 * 1024];
    long left = entry.size();
    while (left > 0) {
      int count = content.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (count < 0) {
        throw new IOException(entry.name() + " became shorter while it was read");
      }
      to.write(buffer, 0, count);
      left -= count;
    }
    pad(entry.size());
  }

  /// A folder or a link.
  public void add(TarEntry entry) throws IOException {
    header(entry);
  }

  private void header(TarEntry entry) throws IOException {
    Map<String, String> extended = new LinkedHashMap<>();
    if (!fits(entry.name(), 100)) {
      extended.put("path", entry.name());
    }
    if (!fits(entry.link(), 100)) {
      extended.put("linkpath", entry.link());
    }
    if (entry.size() > MOST_OCTAL_SIZE) {
      extended.put("size", Long.toString(entry.size()));
    }
    if (entry.ownerId() > MOST_OCTAL_ID) {
      extended.put("uid", Long.toString(entry.ownerId()));
    }
    if (entry.groupId() > MOST_OCTAL_ID) {
      extended.put("gid", Long.toString(entry.groupId()));
    }
    if (!extended.isEmpty()) {
      byte[] records = records(extended);
      to.write(block(entry, "PaxHeaders.0/file", 'x', records.length));
      to.write(records);
      pad(records.length);
    }
    to.write(block(entry, entry.name(), entry.type().letter(), entry.size()));
  }

  private static boolean fits(String text, int length) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= length && bytes.length == text.length();
  }

  private static byte[] records(Map<String, String> extended) {
    StringBuilder all = new StringBuilder();
    extended.forEach((key, value) -> {
      int rest = (" " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8).length;
      int length = rest + 1;
      while (Integer.toString(length).length() + rest != length) {
        length++;
      }
      all.append(length).append(' ').append(key).append('=').append(value).append('\n');
    });
    return all.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] block(TarEntry entry, String name, char type, long size) {
    byte[] block = new byte[BLOCK];
    text(block, 0, 100, name);
    octal(block, 100, 8, entry.mode());
    octal(block, 108, 8, entry.ownerId() > MOST_OCTAL_ID ? 0 : entry.ownerId());
    octal(block, 116, 8, entry.groupId() > MOST_OCTAL_ID ? 0 : entry.groupId());
    octal(block, 124, 12, size > MOST_OCTAL_SIZE ? 0 : size);
    octal(block, 136, 12, Math.max(0, entry.modified().getEpochSecond()));
    Arrays.fill(block, 148, 156, (byte) ' ');
    block[156] = (byte) type;
    text(block, 157, 100, entry.link());
    text(block, 257, 8, "ustar\00000");
    text(block, 265, 31, entry.owner());
    text(block, 297, 31, entry.group());
    int sum = 0;
    for (byte each : block) {
      sum += each & 0xff;
    }
    octal(block, 148, 7, sum);
    return block;
  }

  private static void text(byte[] block, int at, int length, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, block, at, Math.min(length, bytes.length));
  }

  private static void octal(byte[] block, int at, int length, long number) {
    String digits = Long.toOctalString(number);
    text(block, at, length, "0".repeat(Math.max(0, length - 1 - digits.length())) + digits + "\0");
  }

  private void pad(long size) throws IOException {
    to.write(new byte[(int) (-size & (BLOCK - 1))]);
  }

  /// Ends the archive; the stream stays open.
  @Override
  public void close() throws IOException {
    to.write(new byte[2 * BLOCK]);
    to.flush();
  }
}
