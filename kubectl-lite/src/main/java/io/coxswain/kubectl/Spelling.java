package io.coxswain.kubectl;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// Finds what somebody meant who mistyped it.
public final class Spelling {

  private static final int MOST_MISTAKES = 2;

  private Spelling() {}

  /// The likeliest of these, when a letter or two make it of the word; the first of equals.
  public static Optional<String> nearest(String word, Collection<String> known) {
    return known.stream()
        .filter(each -> distance(each, word) <= MOST_MISTAKES)
        .min(Comparator.comparingInt(each -> distance(each, word)));
  }

  /// Letters to insert, remove or replace (Levenshtein).
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int cost =
            a.charAt(i - 1) == b.charAt(j - 1)
                ? diagonal
                : 1 + Math.min(diagonal, Math.min(row[j], row[j - 1]));
        diagonal = row[j];
        row[j] = cost;
      }
    }
    return row[b.length()];
  }
}
