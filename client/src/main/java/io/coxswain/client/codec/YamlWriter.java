package io.coxswain.client.codec;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Prints JSON as YAML that any version's reader takes back to the same JSON.
final class YamlWriter {

  /// Readers look for a colon only so far (YAML 1.1 says 1,024 characters): the key of an entry of
  /// `managedFields` holds a whole value and may be longer.
  private static final int LONGEST_SIMPLE_KEY = 128;

  private final StringBuilder out = new StringBuilder();

  String write(JsonNode root) {
    if (root.isObject() && !root.isEmpty()) {
      writeMap(root, 0);
    } else if (root.isArray() && !root.isEmpty()) {
      writeList(root, 0);
    } else {
      writeScalar(root, 1);
    }
    return out.toString();
  }

  private void indent(int depth) {
    out.repeat("  ", depth);
  }

  /// The first key stands where the writer is; the others are indented.
  private void writeMap(JsonNode map, int depth) {
    List<Map.Entry<String, JsonNode>> entries = new ArrayList<>(map.properties());
    entries.sort(Map.Entry.comparingByKey());
    boolean first = true;
    for (Map.Entry<String, JsonNode> entry : entries) {
      if (!first) {
        indent(depth);
      }
      first = false;
      writeKey(scalar(entry.getKey()), depth);
      writeBelow(entry.getValue(), depth);
    }
  }

  private void writeKey(String key, int depth) {
    if (key.length() > LONGEST_SIMPLE_KEY) {
      out.append("? ").append(key).append('\n');
      indent(depth);
    } else {
      out.append(key);
    }
    out.append(':');
  }

  private void writeBelow(JsonNode value, int depth) {
    if (value.isObject() && !value.isEmpty()) {
      out.append('\n');
      indent(depth + 1);
      writeMap(value, depth + 1);
    } else if (value.isArray() && !value.isEmpty()) {
      out.append('\n');
      indent(depth);
      writeList(value, depth);
    } else {
      out.append(' ');
      writeScalar(value, depth + 1);
    }
  }

  private void writeList(JsonNode list, int depth) {
    Iterator<JsonNode> items = list.values().iterator();
    for (boolean first = true; items.hasNext(); first = false) {
      if (!first) {
        indent(depth);
      }
      out.append("- ");
      JsonNode item = items.next();
      if (item.isObject() && !item.isEmpty()) {
        writeMap(item, depth + 1);
      } else if (item.isArray() && !item.isEmpty()) {
        writeList(item, depth + 1);
      } else {
        writeScalar(item, depth + 1);
      }
    }
  }

  private void writeScalar(JsonNode value, int depth) {
    if (value.isObject()) {
      out.append("{}\n");
    } else if (value.isArray()) {
      out.append("[]\n");
    } else if (value.isString() && isBlock(value.asString())) {
      writeBlock(value.asString(), depth);
    } else {
      out.append(value.isString() ? scalar(value.asString()) : value.toString()).append('\n');
    }
  }

  /// Lines that can stand as they are below a `|`.
  private static boolean isBlock(String text) {
    if (text.indexOf('\n') < 0 || text.isBlank()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < ' ' && c != '\n' && c != '\t') || isSpecial(c)) {
        return false;
      }
    }
    return text.charAt(0) != '\n' && text.charAt(0) != '\t';
  }

  private void writeBlock(String text, int depth) {
    out.append('|');
    if (text.charAt(0) == ' ') {
      out.append('2');
    }
    if (!text.endsWith("\n")) {
      out.append('-');
    } else if (text.endsWith("\n\n")) {
      out.append('+');
    }
    out.append('\n');
    String body = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    for (String line : body.split("\n", -1)) {
      if (!line.isEmpty()) {
        indent(depth);
        out.append(line);
      }
      out.append('\n');
    }
  }

  private static boolean isSpecial(char c) {
    return c == 0x7f
        || (c >= 0x80 && c <= 0x9f)
        || c == 0x2028
        || c == 0x2029
        || c == 0xfeff
        || c >= 0xfffe;
  }

  private static String scalar(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || isSpecial(c) || Character.isSurrogate(c)) {
        return quoted(text);
      }
    }
    Optional<JsonNode> meaning = YamlScalars.plain(text);
    if (meaning.isEmpty() || !meaning.get().isString() || looksLikeTimestamp(text)) {
      return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
    return isPlain(text) ? text : '\'' + text.replace("'", "''") + '\'';
  }

  /// Some readers make dates of these.
  private static boolean looksLikeTimestamp(String text) {
    return text.length() >= 8
        && text.charAt(4) == '-'
        && text.chars().limit(4).allMatch(c -> c >= '0' && c <= '9');
  }

  private static boolean isPlain(String text) {
    char first = text.charAt(0);
    char last = text.charAt(text.length() - 1);
    if (first == ' ' || last == ' ' || last == ':' || text.equals("<<") || text.equals("=")) {
      return false;
    }
    if (",[]{}#&*!|>'\"%@`".indexOf(first) >= 0) {
      return false;
    }
    boolean lonely = text.length() == 1 || text.charAt(1) == ' ';
    if ((first == '-' || first == '?' || first == ':') && lonely) {
      return false;
    }
    if (text.startsWith("---") || text.startsWith("...")) {
      return false;
    }
    return !text.contains(": ") && !text.contains(" #");
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\t' -> quoted.append("\\t");
        case '\r' -> quoted.append("\\r");
        default -> {
          boolean pair =
              Character.isHighSurrogate(c)
                  && i + 1 < text.length()
                  && Character.isLowSurrogate(text.charAt(i + 1));
          if (pair) {
            quoted.append(c).append(text.charAt(++i));
          } else if (c < ' ' || isSpecial(c) || Character.isSurrogate(c)) {
            quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }
}
