package io.coxswain.client.codec;

/// Text that can be written as UTF-8. JSON's escapes can spell half a character, which no other
/// encoding can carry: as Go's reader does, it becomes the replacement character.
final class WholeText {

  private static final char REPLACEMENT = '\ufffd';

  private WholeText() {}

  /// The text itself where it is whole, which nearly all is.
  static String of(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return repaired(text);
      }
    }
    return text;
  }

  private static String repaired(String text) {
    StringBuilder whole = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? REPLACEMENT : c)
        .forEach(whole::appendCodePoint);
    return whole.toString();
  }
}
