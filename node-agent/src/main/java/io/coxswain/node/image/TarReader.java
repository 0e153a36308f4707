package io.coxswain.node.image;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads a tar archive front to back: ustar, pax (POSIX.1-2001) and GNU, with long names, large
/// numbers, sparse files and extended attributes, whose values are bytes (libraries that read them
/// as text damage file capabilities). Memory is bounded whatever the archive says.
///
/// Throws [MalformedLayerException] for what is no tar archive. Blocks as its source does.
final class TarReader {

  private static final int BLOCK = 512;
  private static final int MAX_HEADER_BYTES = 1 << 20;
  private static final int MAX_EXTENTS = 100_000;
  private static final String PAX_ATTRIBUTE = "SCHILY.xattr.";
  private static final Pattern PLAIN_TIME = Pattern.compile("-?[0-9]{1,10}(?:\\.[0-9]{0,20})?");

  private final InputStream source;
  private final byte[] block = new byte[BLOCK];
  private Map<String, byte[]> global = Map.of();
  private long globalBytes;
  private long unread;
  private long padding;

  TarReader(InputStream source) {
    this.source = source;
  }

  /// The next member, or null at the end. Skips what was not read of the one before.
  @Nullable TarEntry next() throws IOException {
    try {
      source.skipNBytes(unread + padding);
    } catch (EOFException e) {
      throw new MalformedLayerException("the archive ends inside a file", e);
    }
    unread = 0;
    padding = 0;
    Map<String, byte[]> pax = new HashMap<>();
    String longName = "";
    String longLink = "";
    long headerBytes = 0;
    while (readBlock()) {
      if (isZero()) {
        return null;
      }
      checkSum();
      char type = (char) (block[156] & 0xff);
      long size = number(124, 12);
      switch (type) {
        case 'x' -> {
          headerBytes = within(headerBytes + size);
          pax.putAll(paxRecords(content(size)));
        }
        case 'g' -> {
          globalBytes = within(globalBytes + size);
          global = merged(global, paxRecords(content(size)));
        }
        case 'L' -> longName = text(content(size));
        case 'K' -> longLink = text(content(size));
        default -> {
          return entry(type, size, merged(global, pax), longName, longLink);
        }
      }
    }
    return null;
  }

  /// Up to `length` bytes of the current member's stored content; -1 at its end.
  int read(byte[] buffer, int offset, int length) throws IOException {
    if (unread == 0) {
      return -1;
    }
    int count = source.read(buffer, offset, (int) Math.min(length, unread));
    if (count < 0) {
      throw new MalformedLayerException("the archive ends inside a file");
    }
    unread -= count;
    return count;
  }

  private TarEntry entry(
      char type, long headerSize, Map<String, byte[]> pax, String longName, String longLink)
      throws IOException {
    long stored = paxNumber(pax, "size", headerSize);
    String prefix = isUstar() ? field(345, 155) : "";
    String shortName = prefix.isEmpty() ? field(0, 100) : prefix + "/" + field(0, 100);
    String name = longName.isEmpty() ? shortName : longName;
    name = pax.containsKey("path") ? text(value(pax, "path")) : name;
    String link = longLink.isEmpty() ? field(157, 100) : longLink;
    link = pax.containsKey("linkpath") ? text(value(pax, "linkpath")) : link;

    boolean old = type == 0 || type == '7';
    char kind = old ? (name.endsWith("/") ? TarEntry.DIRECTORY : TarEntry.FILE) : type;
    boolean hasContent = kind == TarEntry.FILE || kind == 'S';
    if (!hasContent && kind >= '1' && kind <= '6') {
      stored = 0; // links and folders sometimes carry the size of what they name
    }
    unread = stored;
    padding = (BLOCK - stored % BLOCK) % BLOCK;

    long size = stored;
    List<TarEntry.Extent> extents = List.of();
    if (kind == 'S') {
      size = number(483, 12);
      extents = gnuExtents();
      kind = TarEntry.FILE;
    } else if (pax.containsKey("GNU.sparse.major")) {
      name = pax.containsKey("GNU.sparse.name") ? text(value(pax, "GNU.sparse.name")) : name;
      size = paxNumber(pax, "GNU.sparse.realsize", stored);
      extents = paxExtents();
    } else if (pax.containsKey("GNU.sparse.map")) {
      name = pax.containsKey("GNU.sparse.name") ? text(value(pax, "GNU.sparse.name")) : name;
      size = paxNumber(pax, "GNU.sparse.size", stored);
      extents = extents(text(value(pax, "GNU.sparse.map")).split(",", -1));
    }
    boolean sparse =
        type == 'S' || pax.keySet().stream().anyMatch(key -> key.startsWith("GNU.sparse."));
    if (sparse && extents.isEmpty()) {
      extents = List.of(new TarEntry.Extent(size, 0)); // nothing but a hole
    }
    checkExtents(extents, size);
    return new TarEntry(
        name,
        kind,
        (int) number(100, 8) & 07777,
        paxNumber(pax, "uid", number(108, 8)),
        paxNumber(pax, "gid", number(116, 8)),
        size,
        modified(pax),
        link,
        attributes(pax),
        extents);
  }

  private Instant modified(Map<String, byte[]> pax) throws MalformedLayerException {
    byte[] exact = pax.get("mtime");
    double seconds = number(136, 12);
    if (exact != null) {
      try {
        seconds = Double.parseDouble(text(exact));
      } catch (NumberFormatException e) {
        throw new MalformedLayerException("the time of a file is no number: " + text(exact));
      }
    }
    if (exact != null && PLAIN_TIME.matcher(text(exact)).matches()) {
      // to the nanosecond, which a floating number is too short for
      BigDecimal time = new BigDecimal(text(exact)).setScale(9, RoundingMode.FLOOR);
      BigDecimal whole = time.setScale(0, RoundingMode.FLOOR);
      int nanos = time.subtract(whole).unscaledValue().intValueExact();
      return Instant.ofEpochSecond(whole.longValueExact(), nanos);
    }
    boolean sane = Math.abs(seconds) < 1e11;
    return sane ? Instant.ofEpochMilli((long) (seconds * 1000)) : Instant.EPOCH;
  }

  private static Map<String, byte[]> attributes(Map<String, byte[]> pax) {
    Map<String, byte[]> attributes = new HashMap<>();
    pax.forEach((key, bytes) -> {
      if (key.startsWith(PAX_ATTRIBUTE)) {
        attributes.put(key.substring(PAX_ATTRIBUTE.length()), bytes);
      }
    });
    return attributes;
  }

  /// Old GNU format: four extents in the header, more in blocks that follow it.
  private List<TarEntry.Extent> gnuExtents() throws IOException {
    List<TarEntry.Extent> extents = new ArrayList<>();
    gnuExtents(386, 4, extents);
    boolean more = block[482] != 0;
    while (more) {
      if (!readBlock()) {
        throw new MalformedLayerException("the archive ends inside a sparse file's map");
      }
      gnuExtents(0, 21, extents);
      more = block[504] != 0;
      if (extents.size() > MAX_EXTENTS) {
        throw new MalformedLayerException("a sparse file has too many parts");
      }
    }
    return extents;
  }

  private void gnuExtents(int start, int count, List<TarEntry.Extent> into)
      throws MalformedLayerException {
    for (int i = 0; i < count && block[start + i * 24] != 0; i++) {
      into.add(new TarEntry.Extent(number(start + i * 24, 12), number(start + i * 24 + 12, 12)));
    }
  }

  /// Pax format 1.0: the map stands as decimal lines before the data, in whole blocks.
  private List<TarEntry.Extent> paxExtents() throws IOException {
    MapLines lines = new MapLines();
    long count = lines.number();
    if (count > MAX_EXTENTS) {
      throw new MalformedLayerException("a sparse file has too many parts");
    }
    List<TarEntry.Extent> extents = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      extents.add(new TarEntry.Extent(lines.number(), lines.number()));
    }
    return extents;
  }

  private final class MapLines {
    private final byte[] bytes = new byte[BLOCK];
    private int position = BLOCK;

    long number() throws IOException {
      long number = 0;
      for (int digits = 0; digits < 19; digits++) {
        if (position == BLOCK) {
          int filled = 0;
          while (filled < BLOCK) {
            int count = read(bytes, filled, BLOCK - filled);
            if (count < 0) {
              throw new MalformedLayerException("a sparse file's map is cut off");
            }
            filled += count;
          }
          position = 0;
        }
        byte c = bytes[position++];
        if (c == '\n') {
          return number;
        }
        if (c < '0' || c > '9') {
          break;
        }
        number = number * 10 + (c - '0');
      }
      throw new MalformedLayerException("a sparse file's map is damaged");
    }
  }

  private static List<TarEntry.Extent> extents(String[] numbers) throws MalformedLayerException {
    if (numbers.length % 2 != 0 || numbers.length / 2 > MAX_EXTENTS) {
      throw new MalformedLayerException("a sparse file's map is damaged");
    }
    List<TarEntry.Extent> extents = new ArrayList<>();
    for (int i = 0; i < numbers.length; i += 2) {
      extents.add(new TarEntry.Extent(decimal(numbers[i]), decimal(numbers[i + 1])));
    }
    return extents;
  }

  private static void checkExtents(List<TarEntry.Extent> extents, long size)
      throws MalformedLayerException {
    long end = 0;
    for (TarEntry.Extent extent : extents) {
      boolean fits =
          extent.offset() >= end
              && extent.length() >= 0
              && extent.length() <= size - extent.offset();
      if (!fits) {
        throw new MalformedLayerException("a sparse file's parts overlap or leave it");
      }
      end = extent.offset() + extent.length();
    }
  }

  private static Map<String, byte[]> paxRecords(byte[] bytes) throws MalformedLayerException {
    Map<String, byte[]> records = new HashMap<>();
    StringBuilder sparseMap = new StringBuilder();
    int position = 0;
    while (position < bytes.length && bytes[position] != 0) {
      int space = position;
      int length = 0;
      while (space < bytes.length
          && bytes[space] >= '0'
          && bytes[space] <= '9'
          && length < bytes.length) {
        length = length * 10 + (bytes[space++] - '0');
      }
      int equals = space;
      int end = position + length;
      boolean whole = length > 0 && end <= bytes.length && space < end && bytes[end - 1] == '\n';
      while (whole && equals < end && bytes[equals] != '=') {
        equals++;
      }
      if (!whole || bytes[space] != ' ' || equals >= end) {
        throw new MalformedLayerException("an extended header is damaged");
      }
      String key = new String(bytes, space + 1, equals - space - 1, StandardCharsets.UTF_8);
      byte[] value = Arrays.copyOfRange(bytes, equals + 1, end - 1);
      records.put(key, value);
      if (key.equals("GNU.sparse.offset") || key.equals("GNU.sparse.numbytes")) {
        // sparse format 0.0 repeats these for each part, where 0.1 has one list
        sparseMap.append(sparseMap.isEmpty() ? "" : ",").append(text(value));
      }
      position = end;
    }
    if (!sparseMap.isEmpty()) {
      records.put("GNU.sparse.map", sparseMap.toString().getBytes(StandardCharsets.UTF_8));
    }
    return records;
  }

  private static Map<String, byte[]> merged(Map<String, byte[]> base, Map<String, byte[]> over) {
    if (base.isEmpty()) {
      return over;
    }
    Map<String, byte[]> all = new HashMap<>(base);
    all.putAll(over);
    return all;
  }

  private static long within(long bytes) throws MalformedLayerException {
    if (bytes < 0 || bytes > MAX_HEADER_BYTES) {
      throw new MalformedLayerException("extended headers of %d bytes".formatted(bytes));
    }
    return bytes;
  }

  private byte[] content(long size) throws IOException {
    long _ = within(size);
    try {
      byte[] bytes = source.readNBytes((int) size);
      if (bytes.length < size) {
        throw new EOFException();
      }
      source.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
      return bytes;
    } catch (EOFException e) {
      throw new MalformedLayerException("the archive ends inside an extended header", e);
    }
  }

  /// False at the end of the source; an archive without its two zero blocks is common.
  private boolean readBlock() throws IOException {
    int count = source.readNBytes(block, 0, BLOCK);
    if (count != 0 && count < BLOCK) {
      throw new MalformedLayerException("the archive ends inside a header");
    }
    return count == BLOCK;
  }

  private boolean isZero() {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private boolean isUstar() {
    return field(257, 6).startsWith("ustar") && block[262] == 0;
  }

  private void checkSum() throws MalformedLayerException {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : block[i] & 0xff;
    }
    long said;
    try {
      said = number(148, 8);
    } catch (MalformedLayerException e) {
      throw new MalformedLayerException("a header has no checksum: this is no tar archive", e);
    }
    if (sum != said) {
      throw new MalformedLayerException("a header's checksum is wrong: this is no tar archive");
    }
  }

  /// Octal text, or base 256 where the first bit is set.
  private long number(int offset, int length) throws MalformedLayerException {
    if ((block[offset] & 0x80) != 0) {
      long value = block[offset] & 0x7f;
      boolean negative = (block[offset] & 0x40) != 0;
      for (int i = 1; i < length; i++) {
        if (value >> 55 != 0) {
          throw new MalformedLayerException("a number in a header is too large");
        }
        value = (value << 8) | (block[offset + i] & 0xff);
      }
      return negative ? -1 : value;
    }
    String text = field(offset, length).strip();
    try {
      return text.isEmpty() ? 0 : Long.parseLong(text, 8);
    } catch (NumberFormatException e) {
      throw new MalformedLayerException("a number in a header is damaged");
    }
  }

  private static long paxNumber(Map<String, byte[]> pax, String key, long otherwise)
      throws MalformedLayerException {
    byte[] bytes = pax.get(key);
    return bytes == null ? checked(otherwise) : decimal(text(bytes));
  }

  private static long decimal(String text) throws MalformedLayerException {
    try {
      return checked(Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw new MalformedLayerException("a number in an extended header is damaged: " + text);
    }
  }

  private static long checked(long number) throws MalformedLayerException {
    if (number < 0 || number > 1L << 60) {
      throw new MalformedLayerException("a number in a header is out of range");
    }
    return number;
  }

  private static byte[] value(Map<String, byte[]> pax, String key) {
    return pax.getOrDefault(key, new byte[0]);
  }

  private String field(int offset, int length) {
    return text(Arrays.copyOfRange(block, offset, offset + length));
  }

  /// Up to the first zero byte.
  private static String text(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }
}
