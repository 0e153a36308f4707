package io.coxswain.kubectl;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The headers of `--as`, `--as-group` and `--as-uid`: who asks wants to be treated as another.
final class Impersonation {

  private Impersonation() {}

  static List<Map.Entry<String, String>> of(Options options) {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    options.find("as").ifPresent(user -> headers.add(Map.entry("Impersonate-User", plain(user))));
    for (String group : options.all("as-group")) {
      headers.add(Map.entry("Impersonate-Group", plain(group)));
    }
    options.find("as-uid").ifPresent(uid -> headers.add(Map.entry("Impersonate-Uid", plain(uid))));
    if (!headers.isEmpty() && options.find("as").isEmpty()) {
      throw new Failure(
          "error: requesting uid, groups or user-extra without impersonating a user: give --as, too");
    }
    return headers;
  }

  /// A line's end would begin another header.
  private static String plain(String text) {
    if (text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      throw new Failure("error: --as, --as-group and --as-uid take one line of text");
    }
    return text;
  }
}
