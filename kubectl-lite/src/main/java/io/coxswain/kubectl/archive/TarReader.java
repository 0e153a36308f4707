package io.coxswain.kubectl.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Reads an archive from one end to the other: ustar, pax and GNU's long names (`tar(5)`). Names
/// and sizes come from the container, so everything is bounded and nothing is believed.
public final class TarReader {

  private static final int BLOCK = 512;
  private static final int MOST_HEADER_BYTES = 1 << 20;

  private final InputStream from;
  private long left;
  private int padding;

  public TarReader(InputStream from) {
    this.from = from;
  }

  /// The next file; nothing at the archive's end. What was not read of the one before is skipped.
  ///
  /// @throws IOException when it is no archive, or it is cut off
  public Optional<TarEntry> next() throws IOException {
    Map<String, String> extended = new HashMap<>();
    while (true) {
      skipRest();
      byte[] header = block();
      if (isZero(header)) {
        return Optional.empty();
      }
      check(header);
      long size = number(header, 124, 12);
      char type = (char) header[156];
      switch (type) {
        case 'x' -> records(content(size), extended);
        case 'g' -> content(size); // for all files: nothing of it concerns names
        case 'L' -> extended.put("path", untilZero(content(size)));
        case 'K' -> extended.put("linkpath", untilZero(content(size)));
        default -> {
          return Optional.of(entry(header, type, size, extended));
        }
      }
    }
  }

  private TarEntry entry(byte[] header, char letter, long headerSize, Map<String, String> extended)
      throws IOException {
    String name = text(header, 0, 100);
    String prefix = text(header, 257, 5).equals("ustar") ? text(header, 345, 155) : "";
    boolean gnu = text(header, 257, 8).equals("ustar  ");
    if (!prefix.isEmpty() && !gnu) {
      name = prefix + "/" + name;
    }
    name = extended.getOrDefault("path", name);
    TarEntry.Type type =
        switch (letter) {
          case '0', '\0', '7' -> name.endsWith("/") ? TarEntry.Type.FOLDER : TarEntry.Type.FILE;
          case '1' -> TarEntry.Type.HARD_LINK;
          case '2' -> TarEntry.Type.SYMBOLIC_LINK;
          case '5' -> TarEntry.Type.FOLDER;
          default -> TarEntry.Type.OTHER;
        };
    long size = headerSize;
    if (extended.containsKey("size")) {
      size = decimal(extended.getOrDefault("size", ""));
    }
    if (type == TarEntry.Type.HARD_LINK || type == TarEntry.Type.SYMBOLIC_LINK) {
      size = 0; // some writers repeat the target's
    }
    begin(size);
    return new TarEntry(
        name,
        type,
        (int) number(header, 100, 8) & 07777,
        size,
        Instant.ofEpochSecond(number(header, 136, 12)),
        extended.getOrDefault("linkpath", text(header, 157, 100)),
        text(header, 265, 32),
        number(header, 108, 8),
        text(header, 297, 32),
        number(header, 116, 8));
  }

  /// The content of the file that [#next] named, up to its end.
  public int read(byte[] buffer) throws IOException {
    if (left == 0) {
      return -1;
    }
    int count = from.read(buffer, 0, (int) Math.min(buffer.length, left));
    if (count < 0) {
      throw cutOff();
    }
    left -= count;
    return count;
  }

  private void begin(long size) throws IOException {
    if (size < 0) {
      throw new IOException("tar contents corrupted: a file of " + size + " bytes");
    }
    left = size;
    padding = (int) (-size & (BLOCK - 1));
  }

  private void skipRest() throws IOException {
    byte[] buffer = new byte[8192];
    while (read(buffer) >= 0) {
      // nobody wanted it
    }
    if (from.readNBytes(padding).length < padding) {
      throw cutOff();
    }
    padding = 0;
  }

  private byte[] content(long size) throws IOException {
    if (size > MOST_HEADER_BYTES) {
      throw new IOException("tar contents corrupted: a header of " + size + " bytes");
    }
    begin(size);
    byte[] content = from.readNBytes((int) size);
    if (content.length < size) {
      throw cutOff();
    }
    left = 0;
    return content;
  }

  private byte[] block() throws IOException {
    byte[] block = from.readNBytes(BLOCK);
    if (block.length < BLOCK) {
      throw cutOff();
    }
    return block;
  }

  private static EOFException cutOff() {
    return new EOFException("the archive is cut off");
  }

  private static boolean isZero(byte[] block) {
    for (byte each : block) {
      if (each != 0) {
        return false;
      }
    }
    return true;
  }

  private static void check(byte[] header) throws IOException {
    long wanted = number(header, 148, 8);
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    if (sum != wanted) {
      throw new IOException("tar contents corrupted: a header's checksum is wrong");
    }
  }

  /// Lines of `LENGTH KEY=VALUE`.
  private static void records(byte[] content, Map<String, String> to) throws IOException {
    int at = 0;
    while (at < content.length) {
      int blank = at;
      while (blank < content.length && content[blank] != ' ') {
        blank++;
      }
      long length = decimal(new String(content, at, blank - at, StandardCharsets.US_ASCII));
      if (length <= blank - at || length > content.length - at) {
        throw new IOException("tar contents corrupted: an extended header is damaged");
      }
      String line =
          new String(content, blank + 1, (int) length - (blank - at) - 2, StandardCharsets.UTF_8);
      int equals = line.indexOf('=');
      if (equals > 0) {
        to.put(line.substring(0, equals), line.substring(equals + 1));
      }
      at += (int) length;
    }
  }

  private static long decimal(String text) throws IOException {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IOException("tar contents corrupted: \"" + text + "\" is no number", e);
    }
  }

  /// Octal digits, or a binary number whose first bit is set.
  private static long number(byte[] header, int at, int length) throws IOException {
    if ((header[at] & 0x80) != 0) {
      long value = header[at] & 0x3f;
      for (int i = 1; i < length; i++) {
        value = (value << 8) | (header[at + i] & 0xff);
      }
      return value;
    }
    String digits = text(header, at, length).strip();
    try {
      return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    } catch (NumberFormatException e) {
      throw new IOException("tar contents corrupted: \"" + digits + "\" is no number", e);
    }
  }

  private static String text(byte[] header, int at, int length) {
    int end = at;
    while (end < at + length && header[end] != 0) {
      end++;
    }
    return new String(header, at, end - at, StandardCharsets.UTF_8);
  }

  private static String untilZero(byte[] content) {
    return text(content, 0, content.length);
  }
}
