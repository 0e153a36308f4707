package io.coxswain.controlplane.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// Where the next page of a list begins. Its readers pass it on and do not look inside.
///
/// @param revision that all pages are of; [#AS_IT_IS] for the one of when the next page is read
/// @param began when the first page was read, in seconds of the epoch; 0 where nobody knows
/// @param after the storage key of the last object told
record ContinueToken(long revision, long began, String after) {

  /// In the place of a revision: the snapshot is forgotten, and the rest is read as it is by then.
  static final long AS_IT_IS = -1;

  private static final String VERSION = "v2";

  static ContinueToken parse(String text) {
    try {
      String plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
      String[] parts = plain.split(" ", 4);
      if (parts.length == 4 && parts[0].equals(VERSION)) {
        return of(Long.parseLong(parts[1]), Long.parseLong(parts[2]), parts[3]);
      }
    } catch (IllegalArgumentException notOurs) {
      throw Refusals.badRequest("continue key is not valid: " + notOurs.getMessage());
    }
    throw Refusals.badRequest("continue key is not valid: it was not made by this server");
  }

  private static ContinueToken of(long revision, long began, String after) {
    if (revision < AS_IT_IS || revision == 0) {
      throw Refusals.badRequest("continue key is not valid: no list is of revision " + revision);
    }
    return new ContinueToken(revision, began, after);
  }

  String text() {
    String plain = VERSION + " " + revision + " " + began + " " + after;
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(plain.getBytes(StandardCharsets.UTF_8));
  }
}
