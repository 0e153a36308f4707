package io.coxswain.controlplane.storage;

/// What to list.
///
/// @param after only keys behind this one; empty for all
/// @param revision as the store was then; 0 for now
/// @param limit most values to answer with; 0 for all
public record ListRange(String prefix, String after, long revision, int limit) {

  public ListRange {
    if (prefix.isEmpty()) {
      throw new IllegalArgumentException("a list needs a prefix");
    }
    if (revision < 0 || limit < 0) {
      throw new IllegalArgumentException(
          "revision " + revision + " or limit " + limit + " below 0");
    }
  }

  public static ListRange of(String prefix) {
    return new ListRange(prefix, "", 0, 0);
  }

  public ListRange at(long atRevision) {
    return new ListRange(prefix, after, atRevision, limit);
  }

  public ListRange page(String afterKey, int size) {
    return new ListRange(prefix, afterKey, revision, size);
  }
}
