package io.coxswain.kubectl.template;

import java.util.ArrayList;
import java.util.List;

/// Cuts a template into text and the words of its actions.
final class Lexer {

  enum Sort {
    TEXT,
    /// The end of an action.
    CLOSE,
    /// A function's name, or a word of the language.
    WORD,
    /// `.a`; `.` alone is the dot.
    FIELD,
    VARIABLE,
    STRING,
    NUMBER,
    /// `|`, `(`, `)`, `,`, `=` and `:=`.
    SIGN
  }

  /// @param spaced whether a blank is before it, so that it is no part of what is before it
  record Token(Sort sort, String text, boolean spaced, int at) {}

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private Lexer(String source) {
    this.source = source;
  }

  /// @throws TemplateFailure saying where it is no template
  static List<Token> tokens(String source) {
    Lexer lexer = new Lexer(source);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    boolean trim = false;
    while (at < source.length()) {
      int open = source.indexOf("{{", at);
      String text = source.substring(at, open < 0 ? source.length() : open);
      boolean trimmedRight = open >= 0 && isTrim(open + 2);
      if (trim) {
        text = text.stripLeading();
      }
      if (trimmedRight) {
        text = text.stripTrailing();
      }
      if (!text.isEmpty()) {
        tokens.add(new Token(Sort.TEXT, text, false, at));
      }
      if (open < 0) {
        return;
      }
      at = open + (trimmedRight ? 3 : 2);
      trim = action();
    }
  }

  private boolean isTrim(int position) {
    return position + 1 < source.length()
        && source.charAt(position) == '-'
        && Character.isWhitespace(source.charAt(position + 1));
  }

  /// @return whether the text after it loses its blanks
  private boolean action() {
    int begin = at;
    boolean spaced = blanks();
    if (source.startsWith("/*", at)) {
      int end = source.indexOf("*/", at);
      if (end < 0) {
        throw wrong("unclosed comment");
      }
      at = end + 2;
      spaced = blanks();
      if (!closes(spaced)) {
        throw wrong("comment ends before closing delimiter");
      }
      return close();
    }
    while (true) {
      if (at >= source.length()) {
        at = begin;
        throw wrong("unclosed action");
      }
      if (closes(spaced)) {
        tokens.add(new Token(Sort.CLOSE, "}}", spaced, at));
        return close();
      }
      token(spaced);
      spaced = blanks();
    }
  }

  private boolean closes(boolean spaced) {
    return source.startsWith("}}", at) || (spaced && source.startsWith("-}}", at));
  }

  private boolean close() {
    boolean trim = source.charAt(at) == '-';
    at += trim ? 3 : 2;
    return trim;
  }

  private boolean blanks() {
    int begin = at;
    while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
      at++;
    }
    return at > begin;
  }

  private void token(boolean spaced) {
    int begin = at;
    char c = source.charAt(at);
    if (c == '"') {
      add(Sort.STRING, quoted(), spaced, begin);
    } else if (c == '\'') {
      int end = source.indexOf('\'', at + 1);
      if (end < 0 || source.codePointCount(at + 1, end) != 1) {
        throw wrong("malformed character constant");
      }
      int letter = source.codePointAt(at + 1);
      at = end + 1;
      add(Sort.NUMBER, Integer.toString(letter), spaced, begin);
    } else if (c == '`') {
      int end = source.indexOf('`', at + 1);
      if (end < 0) {
        throw wrong("unterminated raw quoted string");
      }
      at = end + 1;
      add(Sort.STRING, source.substring(begin + 1, end), spaced, begin);
    } else if (c == '.' && !isDigit(at + 1)) {
      at++;
      add(Sort.FIELD, name(), spaced, begin);
    } else if (c == '$') {
      at++;
      add(Sort.VARIABLE, name(), spaced, begin);
    } else if (isDigit(at) || ((c == '-' || c == '+' || c == '.') && isDigit(at + 1))) {
      at++;
      while (at < source.length()
          && "0123456789abcdefxABCDEFX._+".indexOf(source.charAt(at)) >= 0) {
        at++;
      }
      add(Sort.NUMBER, source.substring(begin, at), spaced, begin);
    } else if (Character.isLetter(c) || c == '_') {
      add(Sort.WORD, name(), spaced, begin);
    } else if (source.startsWith(":=", at)) {
      at += 2;
      add(Sort.SIGN, ":=", spaced, begin);
    } else if ("|(),=".indexOf(c) >= 0) {
      at++;
      add(Sort.SIGN, String.valueOf(c), spaced, begin);
    } else {
      throw wrong("unexpected " + c + " in an action");
    }
  }

  private void add(Sort sort, String text, boolean spaced, int begin) {
    tokens.add(new Token(sort, text, spaced, begin));
  }

  private boolean isDigit(int position) {
    return position < source.length() && Character.isDigit(source.charAt(position));
  }

  private String name() {
    int begin = at;
    while (at < source.length()
        && (Character.isLetterOrDigit(source.charAt(at)) || source.charAt(at) == '_')) {
      at++;
    }
    return source.substring(begin, at);
  }

  private String quoted() {
    StringBuilder text = new StringBuilder();
    for (at++; at < source.length(); at++) {
      char c = source.charAt(at);
      if (c == '"') {
        at++;
        return text.toString();
      }
      if (c == '\n') {
        break;
      }
      if (c != '\\' || at + 1 == source.length()) {
        text.append(c);
        continue;
      }
      char escaped = source.charAt(++at);
      text.append(
          switch (escaped) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            default -> escaped;
          });
    }
    throw wrong("unterminated quoted string");
  }

  private TemplateFailure wrong(String what) {
    return new TemplateFailure(
        what + " at character " + (Math.min(at, source.length()) + 1) + " of the template");
  }
}
