package io.coxswain.controlplane.server;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// In which order Kubernetes prefers versions: stable ones before betas before alphas, each newest
/// first; then all that are not named so, by their letters.
final class VersionOrder {

  static final Comparator<String> NEWEST_FIRST =
      Comparator.comparing(Rank::of).thenComparing(Comparator.naturalOrder());

  private static final Pattern NAMED =
      Pattern.compile("v([0-9]{1,9})(?:(alpha|beta)([0-9]{1,9}))?");

  private VersionOrder() {}

  /// @param kind 0 stable, 1 beta, 2 alpha, 3 anything else
  private record Rank(int kind, long major, long minor) implements Comparable<Rank> {

    static Rank of(String version) {
      Matcher named = NAMED.matcher(version);
      if (!named.matches()) {
        return new Rank(3, 0, 0);
      }
      long major = Long.parseLong(named.group(1));
      if (named.group(2) == null) {
        return new Rank(0, major, 0);
      }
      return new Rank(named.group(2).equals("beta") ? 1 : 2, major, Long.parseLong(named.group(3)));
    }

    @Override
    public int compareTo(Rank other) {
      if (kind != other.kind) {
        return Integer.compare(kind, other.kind);
      }
      int byMajor = Long.compare(other.major, major);
      return byMajor != 0 ? byMajor : Long.compare(other.minor, minor);
    }
  }
}
