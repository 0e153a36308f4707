package io.coxswain.controlplane.cel;

import java.util.Arrays;

/// An address of IPv4 or IPv6, read as Kubernetes' CEL reads it and refused in its words. Zones and
/// IPv4 addresses in the form of IPv6 are none.
final class Ip {

  private static final int V4 = 4;
  private static final int V6 = 16;
  private static final int GROUPS = 8;

  private final byte[] bytes;

  private Ip(byte[] bytes) {
    this.bytes = bytes;
  }

  /// @throws IllegalArgumentException saying what is wrong, for people
  static Ip of(String text) {
    Ip address;
    try {
      address = parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "IP Address %s parse error during conversion from string: %s"
              .formatted(Go.quoted(text), e.getMessage()),
          e);
    }
    if (text.indexOf('%') >= 0) {
      throw new IllegalArgumentException(
          "IP address " + Go.quoted(text) + " with zone value is not allowed");
    }
    if (address.isMapped()) {
      throw new IllegalArgumentException(
          "IPv4-mapped IPv6 address " + Go.quoted(text) + " is not allowed");
    }
    return address;
  }

  /// As Go's `netip.ParseAddr`.
  static Ip parse(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '.') {
        byte[] bytes = new byte[V4];
        readV4(text, text, bytes, 0);
        return new Ip(bytes);
      }
      if (c == ':') {
        return new Ip(new V6Reading(text).bytes());
      }
      if (c == '%') {
        throw fault(text, "missing IPv6 address", "");
      }
    }
    throw fault(text, "unable to parse IP", "");
  }

  private static IllegalArgumentException fault(String whole, String why, String rest) {
    String at = rest.isEmpty() ? "" : " (at " + Go.quoted(rest) + ")";
    return new IllegalArgumentException("ParseAddr(" + Go.quoted(whole) + "): " + why + at);
  }

  private static void readV4(String whole, String text, byte[] into, int offset) {
    int field = 0;
    int value = 0;
    int digits = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= '0' && c <= '9') {
        if (digits == 1 && value == 0) {
          throw fault(whole, "IPv4 field has octet with leading zero", "");
        }
        value = value * 10 + c - '0';
        digits++;
        if (value > 255) {
          throw fault(whole, "IPv4 field has value >255", "");
        }
      } else if (c == '.') {
        if (digits == 0 || i == text.length() - 1) {
          throw fault(whole, "IPv4 field must have at least one digit", text.substring(i));
        }
        if (field == V4 - 1) {
          throw fault(whole, "IPv4 address too long", "");
        }
        into[offset + field++] = (byte) value;
        value = 0;
        digits = 0;
      } else {
        throw fault(whole, "unexpected character", text.substring(i));
      }
    }
    if (field < V4 - 1) {
      throw fault(whole, "IPv4 address too short", "");
    }
    into[offset + field] = (byte) value;
  }

  /// Reads the longer form, field by field.
  private static final class V6Reading {

    private final String whole;
    private final byte[] bytes = new byte[V6];
    private String rest;
    private int filled;
    private int gap = -1;

    V6Reading(String whole) {
      this.whole = whole;
      int zone = whole.indexOf('%');
      if (zone == whole.length() - 1) {
        throw fault(whole, "zone must be a non-empty string", "");
      }
      rest = zone < 0 ? whole : whole.substring(0, zone);
    }

    byte[] bytes() {
      if (rest.startsWith("::")) {
        gap = 0;
        rest = rest.substring(2);
      }
      boolean more = !rest.isEmpty();
      while (more && filled < V6) {
        more = field();
      }
      if (!rest.isEmpty()) {
        throw fault(whole, "trailing garbage after address", rest);
      }
      close();
      return bytes;
    }

    /// @return whether another one follows
    private boolean field() {
      int length = 0;
      int value = 0;
      while (length < rest.length() && Character.digit(rest.charAt(length), 16) >= 0) {
        if (length > 3) {
          throw fault(whole, "each group must have 4 or fewer digits", rest);
        }
        value = value << 4 | Character.digit(rest.charAt(length++), 16);
      }
      if (length == 0) {
        throw fault(whole, "each colon-separated field must have at least one digit", rest);
      }
      if (length < rest.length() && rest.charAt(length) == '.') {
        return embedded();
      }
      bytes[filled++] = (byte) (value >> 8);
      bytes[filled++] = (byte) value;
      rest = rest.substring(length);
      return !rest.isEmpty() && colon();
    }

    private boolean colon() {
      if (rest.charAt(0) != ':') {
        throw fault(whole, "unexpected character, want colon", rest);
      }
      if (rest.length() == 1) {
        throw fault(whole, "colon must be followed by more characters", rest);
      }
      rest = rest.substring(1);
      if (rest.charAt(0) == ':') {
        if (gap >= 0) {
          throw fault(whole, "multiple :: in address", rest);
        }
        gap = filled;
        rest = rest.substring(1);
      }
      return !rest.isEmpty();
    }

    /// An IPv4 address at the end.
    private boolean embedded() {
      if (gap < 0 && filled != V6 - V4) {
        throw fault(
            whole, "embedded IPv4 address must replace the final 2 fields of the address", rest);
      }
      if (filled + V4 > V6) {
        throw fault(
            whole, "too many hex fields to fit an embedded IPv4 at the end of the address", rest);
      }
      readV4(whole, rest, bytes, filled);
      filled += V4;
      rest = "";
      return false;
    }

    private void close() {
      if (filled == V6) {
        if (gap >= 0) {
          throw fault(whole, "the :: must expand to at least one field of zeros", "");
        }
        return;
      }
      if (gap < 0) {
        throw fault(whole, "address string too short", "");
      }
      int behind = filled - gap;
      System.arraycopy(bytes, gap, bytes, V6 - behind, behind);
      Arrays.fill(bytes, gap, V6 - behind, (byte) 0);
    }
  }

  int family() {
    return isV4() ? 4 : 6;
  }

  int bits() {
    return bytes.length * Byte.SIZE;
  }

  private boolean isV4() {
    return bytes.length == V4;
  }

  private int at(int index) {
    return bytes[index] & 0xff;
  }

  boolean isMapped() {
    return !isV4() && startsZero(10) && at(10) == 0xff && at(11) == 0xff;
  }

  private boolean startsZero(int count) {
    for (int i = 0; i < count; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  boolean isUnspecified() {
    return startsZero(bytes.length);
  }

  boolean isLoopback() {
    return isV4() ? at(0) == 127 : startsZero(V6 - 1) && at(V6 - 1) == 1;
  }

  boolean isLinkLocalMulticast() {
    return isV4() ? at(0) == 224 && at(1) == 0 && at(2) == 0 : at(0) == 0xff && (at(1) & 0x0f) == 2;
  }

  boolean isLinkLocalUnicast() {
    return isV4() ? at(0) == 169 && at(1) == 254 : at(0) == 0xfe && (at(1) & 0xc0) == 0x80;
  }

  private boolean isMulticast() {
    return isV4() ? (at(0) & 0xf0) == 0xe0 : at(0) == 0xff;
  }

  private boolean isBroadcast() {
    return isV4() && at(0) == 255 && at(1) == 255 && at(2) == 255 && at(3) == 255;
  }

  boolean isGlobalUnicast() {
    return !isBroadcast()
        && !isUnspecified()
        && !isLoopback()
        && !isMulticast()
        && !isLinkLocalUnicast();
  }

  /// The same with nothing behind its first bits.
  Ip masked(int length) {
    byte[] masked = bytes.clone();
    for (int i = 0; i < masked.length; i++) {
      int kept = Math.clamp(length - i * Byte.SIZE, 0, Byte.SIZE);
      masked[i] &= (byte) (0xff << (Byte.SIZE - kept));
    }
    return new Ip(masked);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Ip ip && Arrays.equals(bytes, ip.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /// The one canonical form (RFC 5952).
  @Override
  public String toString() {
    if (isV4()) {
      return at(0) + "." + at(1) + "." + at(2) + "." + at(3);
    }
    if (isMapped()) {
      return "::ffff:" + at(12) + "." + at(13) + "." + at(14) + "." + at(15);
    }
    int from = -1;
    int length = 1; // a single field of zeros is written
    for (int i = 0; i < GROUPS; i++) {
      int end = i;
      while (end < GROUPS && group(end) == 0) {
        end++;
      }
      if (end - i > length) {
        from = i;
        length = end - i;
      }
      i = Math.max(i, end);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == from) {
        text.append("::");
        i += length - 1;
      } else {
        text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":");
        text.append(Integer.toHexString(group(i)));
      }
    }
    return text.toString();
  }

  private int group(int index) {
    return at(2 * index) << 8 | at(2 * index + 1);
  }
}
