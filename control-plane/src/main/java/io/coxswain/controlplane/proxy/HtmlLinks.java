package io.coxswain.controlplane.proxy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Rewrites the links in a page while it passes. It only looks for tags and the attributes that
/// hold addresses; everything else stays as it is, byte by byte, in any encoding that keeps ASCII.
final class HtmlLinks {

  /// Which attributes of which tags are addresses (HTML 4 and 5).
  private static final Map<String, Set<String>> ADDRESSES =
      Map.ofEntries(
          Map.entry("a", Set.of("href")),
          Map.entry("applet", Set.of("codebase")),
          Map.entry("area", Set.of("href")),
          Map.entry("audio", Set.of("src")),
          Map.entry("base", Set.of("href")),
          Map.entry("blockquote", Set.of("cite")),
          Map.entry("body", Set.of("background")),
          Map.entry("button", Set.of("formaction")),
          Map.entry("command", Set.of("icon")),
          Map.entry("del", Set.of("cite")),
          Map.entry("embed", Set.of("src")),
          Map.entry("form", Set.of("action")),
          Map.entry("frame", Set.of("longdesc", "src")),
          Map.entry("head", Set.of("profile")),
          Map.entry("html", Set.of("manifest")),
          Map.entry("iframe", Set.of("longdesc", "src")),
          Map.entry("img", Set.of("longdesc", "src", "usemap")),
          Map.entry("input", Set.of("src", "usemap", "formaction")),
          Map.entry("ins", Set.of("cite")),
          Map.entry("link", Set.of("href")),
          Map.entry("object", Set.of("classid", "codebase", "data", "usemap")),
          Map.entry("q", Set.of("cite")),
          Map.entry("script", Set.of("src")),
          Map.entry("source", Set.of("src")),
          Map.entry("video", Set.of("poster", "src")));

  /// What is in these is text, whatever it looks like.
  private static final Set<String> RAW = Set.of("script", "style", "textarea", "title");

  private static final int LONGEST_TAG = 64 << 10;

  private static final Pattern ATTRIBUTE =
      Pattern.compile("\\s([^\\s\"'>/=]+)\\s*=\\s*(?:\"([^\"]*)\"|'([^']*)'|([^\\s\"'>]+))");

  private enum State {
    TEXT,
    TAG,
    COMMENT
  }

  private final Links links;
  private final StringBuilder held = new StringBuilder();
  private State state = State.TEXT;
  private char quote; // 0 outside of a quoted value
  private String raw = ""; // the element that text is in, if it is one of RAW

  HtmlLinks(Links links) {
    this.links = links;
  }

  /// The next bytes, as they are to be passed on; some may be held back until more come.
  byte[] pass(byte[] page) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(page.length + 64);
    for (byte b : page) {
      char c = (char) (b & 0xff);
      switch (state) {
        case TEXT -> {
          if (c == '<') {
            state = State.TAG;
            held.append(c);
          } else {
            out.write(b);
          }
        }
        case TAG -> tag(c, out);
        case COMMENT -> {
          out.write(b);
          comment(c);
        }
      }
    }
    return out.toByteArray();
  }

  /// What is still held back at the end of the page.
  byte[] rest() {
    byte[] rest = bytes(held);
    held.setLength(0);
    return rest;
  }

  private void tag(char c, ByteArrayOutputStream out) {
    held.append(c);
    if (quote != 0) {
      quote = c == quote ? 0 : quote;
    } else if (c == '>') {
      emit(out, finished(held.toString()));
    } else if (held.length() > 2 && (c == '"' || c == '\'') && isElement()) {
      quote = c;
    } else if (!maybeTag()) {
      emit(out, held.toString());
    } else if (held.toString().equals("<!--")) {
      out.writeBytes(bytes(held));
      held.setLength(0);
      state = State.COMMENT;
      return;
    }
    if (held.length() > LONGEST_TAG) {
      emit(out, held.toString());
    }
  }

  private void emit(ByteArrayOutputStream out, String text) {
    out.writeBytes(bytes(text));
    held.setLength(0);
    quote = 0;
    state = State.TEXT;
  }

  private boolean isElement() {
    return Character.isLetter(held.charAt(1));
  }

  /// Whether what is held can become a tag, and, inside of raw text, the one that ends it.
  private boolean maybeTag() {
    char second = held.charAt(1);
    if (!raw.isEmpty()) {
      String end = "</" + raw;
      int most = Math.min(end.length(), held.length());
      return held.substring(0, most).equalsIgnoreCase(end.substring(0, most));
    }
    return Character.isLetter(second) || second == '/' || second == '!' || second == '?';
  }

  private void comment(char c) {
    held.append(c);
    if (held.length() > 3) {
      held.deleteCharAt(0);
    }
    if (held.toString().equals("-->")) {
      held.setLength(0);
      state = State.TEXT;
    }
  }

  private String finished(String tag) {
    String name = name(tag);
    if (!raw.isEmpty()) {
      if (tag.startsWith("</") && name.equals("/" + raw)) {
        raw = "";
      }
      return tag;
    }
    if (RAW.contains(name) && !tag.endsWith("/>")) {
      raw = name;
    }
    Set<String> addresses = ADDRESSES.getOrDefault(name, Set.of());
    return addresses.isEmpty() ? tag : rewritten(tag, addresses);
  }

  private static String name(String tag) {
    int end = 1;
    while (end < tag.length()
        && !Character.isWhitespace(tag.charAt(end))
        && tag.charAt(end) != '>'
        && (tag.charAt(end) != '/' || end == 1)) {
      end++;
    }
    return tag.substring(1, end).toLowerCase(Locale.ROOT);
  }

  private String rewritten(String tag, Set<String> addresses) {
    Matcher attribute = ATTRIBUTE.matcher(tag);
    StringBuilder changed = new StringBuilder(tag.length() + 64);
    int copied = 0;
    while (attribute.find()) {
      if (addresses.contains(attribute.group(1).toLowerCase(Locale.ROOT))) {
        int value = attribute.start(2) >= 0 ? 2 : attribute.start(3) >= 0 ? 3 : 4;
        changed.append(tag, copied, attribute.start(value));
        changed.append(links.rewrite(attribute.group(value)));
        copied = attribute.end(value);
      }
    }
    return changed.append(tag, copied, tag.length()).toString();
  }

  private static byte[] bytes(CharSequence text) {
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
