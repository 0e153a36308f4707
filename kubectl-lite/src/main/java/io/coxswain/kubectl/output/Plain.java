package io.coxswain.kubectl.output;

/// Text of objects as a terminal may show it. What somebody wrote into an object is read by others,
/// and a terminal obeys sequences that begin with a control character: they could hide what is
/// there, or type for who looks.
public final class Plain {

  private Plain() {}

  /// With control characters shown, as `^[` for escape; lines and tabulators stay.
  public static String of(String text) {
    int at = 0;
    while (at < text.length() && !isControl(text.charAt(at))) {
      at++;
    }
    if (at == text.length()) {
      return text;
    }
    StringBuilder plain = new StringBuilder(text.length() + 8).append(text, 0, at);
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      if (!isControl(c)) {
        plain.append(c);
      } else if (c < 0x80) {
        plain.append('^').append((char) (c ^ 0x40));
      } else {
        plain.append("^[").append((char) (c - 0x40));
      }
    }
    return plain.toString();
  }

  private static boolean isControl(char c) {
    return (c < ' ' && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0);
  }
}
