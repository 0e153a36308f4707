package io.coxswain.controlplane.cel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// A semantic version (semver.org, 2.0.0). What says how it was built does not tell two apart and
/// is not kept.
///
/// @param preRelease empty for a release
record Semver(long major, long minor, long patch, List<String> preRelease)
    implements Comparable<Semver> {

  private static final Pattern DIGITS = Pattern.compile("[0-9]+");
  private static final Pattern WORD = Pattern.compile("[0-9A-Za-z-]+");

  Semver {
    preRelease = List.copyOf(preRelease);
  }

  /// @throws IllegalArgumentException saying what is wrong, in Kubernetes' words
  static Semver of(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("Version string empty");
    }
    String[] parts = text.split("\\.", 3);
    if (parts.length != 3) {
      throw new IllegalArgumentException("No Major.Minor.Patch elements found");
    }
    String patch = parts[2];
    int plus = patch.indexOf('+');
    if (plus >= 0) {
      checkBuild(patch.substring(plus + 1));
      patch = patch.substring(0, plus);
    }
    List<String> preRelease = List.of();
    int dash = patch.indexOf('-');
    if (dash >= 0) {
      preRelease = preRelease(patch.substring(dash + 1));
      patch = patch.substring(0, dash);
    }
    return new Semver(
        number(parts[0], "Major"), number(parts[1], "Minor"), number(patch, "Patch"), preRelease);
  }

  /// As [#of], after a `v` in front and zeros before a number were taken away, and numbers that are
  /// missing were taken to be 0.
  static Semver normalized(String text) {
    String bare = text.startsWith("v") ? text.substring(1) : text;
    List<String> parts = new ArrayList<>(Arrays.asList(bare.split("\\.", 3)));
    parts.replaceAll(part -> {
      String stripped = part.length() > 1 ? part.replaceFirst("^0+", "") : part;
      boolean number =
          !stripped.isEmpty() && stripped.charAt(0) >= '0' && stripped.charAt(0) <= '9';
      return part.length() <= 1 || number ? stripped : "0" + stripped;
    });
    if (parts.size() < 3) {
      String last = parts.getLast();
      if (last.indexOf('+') >= 0 || last.indexOf('-') >= 0) {
        throw new IllegalArgumentException(
            "short version cannot contain PreRelease/Build meta data");
      }
      while (parts.size() < 3) {
        parts.add("0");
      }
    }
    return of(String.join(".", parts));
  }

  private static long number(String text, String which) {
    if (!DIGITS.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "Invalid character(s) found in "
              + which.toLowerCase(java.util.Locale.ROOT)
              + " number "
              + Go.quoted(text));
    }
    if (text.length() > 1 && text.startsWith("0")) {
      throw new IllegalArgumentException(
          which + " number must not contain leading zeroes " + Go.quoted(text));
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "strconv.ParseUint: parsing " + Go.quoted(text) + ": value out of range", e);
    }
  }

  private static List<String> preRelease(String text) {
    List<String> words = List.of(text.split("\\.", -1));
    for (String word : words) {
      if (word.isEmpty()) {
        throw new IllegalArgumentException("Prerelease is empty");
      }
      if (!WORD.matcher(word).matches()) {
        throw new IllegalArgumentException(
            "Invalid character(s) found in prerelease " + Go.quoted(word));
      }
      if (word.length() > 1 && word.startsWith("0") && DIGITS.matcher(word).matches()) {
        throw new IllegalArgumentException(
            "Numeric PreRelease version must not contain leading zeroes " + Go.quoted(word));
      }
    }
    return words;
  }

  private static void checkBuild(String text) {
    for (String word : text.split("\\.", -1)) {
      if (word.isEmpty()) {
        throw new IllegalArgumentException("Build meta data is empty");
      }
      if (!WORD.matcher(word).matches()) {
        throw new IllegalArgumentException(
            "Invalid character(s) found in build meta data " + Go.quoted(word));
      }
    }
  }

  @Override
  public int compareTo(Semver other) {
    long[] mine = {major, minor, patch};
    long[] theirs = {other.major, other.minor, other.patch};
    int numbers = Arrays.compare(mine, theirs);
    if (numbers != 0) {
      return numbers;
    }
    if (preRelease.isEmpty() || other.preRelease.isEmpty()) {
      return Boolean.compare(preRelease.isEmpty(), other.preRelease.isEmpty());
    }
    for (int i = 0; i < Math.min(preRelease.size(), other.preRelease.size()); i++) {
      int word = compare(preRelease.get(i), other.preRelease.get(i));
      if (word != 0) {
        return word;
      }
    }
    return Integer.compare(preRelease.size(), other.preRelease.size());
  }

  /// Numbers come before words.
  private static int compare(String left, String right) {
    boolean number = DIGITS.matcher(left).matches();
    if (number != DIGITS.matcher(right).matches()) {
      return number ? -1 : 1;
    }
    int length = number ? Integer.compare(left.length(), right.length()) : 0;
    return length != 0 ? length : left.compareTo(right);
  }
}
