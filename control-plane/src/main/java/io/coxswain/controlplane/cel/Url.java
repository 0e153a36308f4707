package io.coxswain.controlplane.cel;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An absolute URL or path, read as leniently as Kubernetes' CEL reads it: spaces may stand in a
/// path, which Java's own classes refuse.
///
/// @param host with its port, and braces around an address of IPv6
/// @param path as it was written
/// @param query as it was written
record Url(String scheme, String host, String path, String query) {

  private static final String USER = "-._:~!$&'()*+,;=%@";
  private static final String HOST = "-._~!$&'()*+,;=:[]<>\"";
  private static final String PATH = "-._~!$&'()*+,;=:@/[]%";
  private static final String PATH_ESCAPED_NOT = "-._~$&+,/:;=@";

  /// @throws IllegalArgumentException saying what is wrong, in Kubernetes' words
  static Url of(String text) {
    try {
      return read(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("parse " + Go.quoted(text) + ": " + e.getMessage(), e);
    }
  }

  private static Url read(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("empty url");
    }
    if (text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      throw new IllegalArgumentException("net/url: invalid control character in URL");
    }
    int colon = schemeEnd(text);
    String scheme = text.substring(0, Math.max(0, colon)).toLowerCase(java.util.Locale.ROOT);
    String rest = text.substring(colon + 1);
    if (!rest.startsWith("/")) {
      if (scheme.isEmpty()) {
        throw new IllegalArgumentException("invalid URI for request");
      }
      return new Url(scheme, "", "", cut(cut(rest, '#')[0], '?')[1]);
    }
    String[] parts = cut(cut(rest, '#')[0], '?');
    String path = parts[0];
    String host = "";
    if (!scheme.isEmpty() && path.startsWith("//")) {
      int slash = path.indexOf('/', 2);
      String authority = slash < 0 ? path.substring(2) : path.substring(2, slash);
      path = slash < 0 ? "" : path.substring(slash);
      host = host(authority);
    }
    var _ = unescaped(path, false);
    return new Url(scheme, host, path, parts[1]);
  }

  /// Where the scheme's colon is; -1 when there is none.
  private static int schemeEnd(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      boolean other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
      if (c == ':') {
        if (i == 0) {
          throw new IllegalArgumentException("missing protocol scheme");
        }
        return i;
      }
      if (!letter && (!other || i == 0)) {
        return -1;
      }
    }
    return -1;
  }

  /// Before and behind the first such character.
  private static String[] cut(String text, char at) {
    int index = text.indexOf(at);
    return index < 0
        ? new String[] {text, ""}
        : new String[] {text.substring(0, index), text.substring(index + 1)};
  }

  private static String host(String authority) {
    int at = authority.lastIndexOf('@');
    if (at >= 0 && !consistsOf(authority.substring(0, at), USER)) {
      throw new IllegalArgumentException("net/url: invalid userinfo");
    }
    String host = authority.substring(at + 1);
    int portAt;
    if (host.startsWith("[")) {
      int close = host.lastIndexOf(']');
      if (close < 0) {
        throw new IllegalArgumentException("missing ']' in host");
      }
      portAt = close + 1;
    } else {
      portAt = host.indexOf(':');
    }
    String port = portAt < 0 ? "" : host.substring(portAt);
    if (!port.matches("(:[0-9]*)?")) {
      throw new IllegalArgumentException("invalid port " + Go.quoted(port) + " after host");
    }
    String plain = unescaped(host, false);
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if (c < 0x80 && c != '%' && !isAlphanumeric(c) && HOST.indexOf(c) < 0) {
        throw new IllegalArgumentException(
            "invalid character " + Go.quoted(String.valueOf(c)) + " in host name");
      }
    }
    return plain;
  }

  private static boolean consistsOf(String text, String marks) {
    return text.chars().allMatch(c -> isAlphanumeric(c) || marks.indexOf(c) >= 0);
  }

  private static boolean isAlphanumeric(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  /// @throws IllegalArgumentException when a `%` is not followed by two digits
  private static String unescaped(String text, boolean plusIsSpace) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    byte[] plain = new byte[bytes.length];
    int length = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '%') {
        int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
        int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
        if (high < 0 || low < 0) {
          String wrong =
              new String(bytes, i, Math.min(3, bytes.length - i), StandardCharsets.UTF_8);
          throw new IllegalArgumentException("invalid URL escape " + Go.quoted(wrong));
        }
        plain[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        plain[length++] = plusIsSpace && bytes[i] == '+' ? (byte) ' ' : bytes[i];
      }
    }
    return new String(plain, 0, length, StandardCharsets.UTF_8);
  }

  /// Without port and braces.
  String hostname() {
    String bare = host;
    int colon = bare.lastIndexOf(':');
    if (colon >= 0 && bare.substring(colon).matches(":[0-9]*")) {
      bare = bare.substring(0, colon);
    }
    return bare.startsWith("[") && bare.endsWith("]") ? bare.substring(1, bare.length() - 1) : bare;
  }

  String port() {
    int colon = host.lastIndexOf(':');
    return colon >= 0 && host.substring(colon).matches(":[0-9]+") ? host.substring(colon + 1) : "";
  }

  /// As it was written, where that is right.
  String escapedPath() {
    if (consistsOf(path, PATH)) {
      return path;
    }
    StringBuilder escaped = new StringBuilder();
    for (byte one : unescaped(path, false).getBytes(StandardCharsets.UTF_8)) {
      int c = one & 0xff;
      if (isAlphanumeric(c) || PATH_ESCAPED_NOT.indexOf(c) >= 0) {
        escaped.append((char) c);
      } else {
        escaped.append(String.format("%%%02X", c));
      }
    }
    return escaped.toString();
  }

  /// All values of each key; what is malformed is left out.
  Map<String, List<String>> values() {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (String pair : query.split("&", -1)) {
      if (pair.isEmpty() || pair.indexOf(';') >= 0) {
        continue;
      }
      String[] parts = cut(pair, '=');
      if (isEscaped(parts[0]) && isEscaped(parts[1])) {
        values
            .computeIfAbsent(unescaped(parts[0], true), _ -> new ArrayList<>())
            .add(unescaped(parts[1], true));
      }
    }
    return values;
  }

  private static boolean isEscaped(String text) {
    return !text.matches("(?s).*%(?![0-9a-fA-F]{2}).*");
  }
}
