package io.coxswain.controlplane.consistency;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// Everything that happened, in the order in which the store says it did.
final class Log {

  private final NavigableMap<Long, Change> all = new TreeMap<>();
  private final Map<String, NavigableMap<Long, Change>> byKey = new LinkedHashMap<>();
  private final Map<String, Change> byValue = new HashMap<>();

  /// @param problems gets told what no store may say
  Log(List<Change> changes, List<String> problems) {
    long last = 0;
    for (Change change : changes) {
      if (change.revision() <= last) {
        problems.add("the store's log goes back at " + change);
      }
      last = change.revision();
      all.put(change.revision(), change);
      var _ =
          byKey.computeIfAbsent(change.key(), _ -> new TreeMap<>()).put(change.revision(), change);
      if (!change.removes()) {
        Change twice = byValue.put(change.value(), change);
        if (twice != null) {
          problems.add("written twice: " + twice + " and " + change);
        }
      }
    }
  }

  NavigableMap<Long, Change> all() {
    return all;
  }

  NavigableMap<Long, Change> of(String key) {
    return byKey.getOrDefault(key, new TreeMap<>());
  }

  Optional<Change> by(String value) {
    return Optional.ofNullable(byValue.get(value));
  }

  /// The key's state at a revision.
  Seen at(String key, long revision) {
    Map.Entry<Long, Change> last = of(key).floorEntry(revision);
    return last == null || last.getValue().removes()
        ? Seen.NOTHING
        : new Seen(last.getKey(), last.getValue().value());
  }

  /// Every key that is there at a revision.
  Map<String, Seen> at(long revision) {
    Map<String, Seen> there = new HashMap<>();
    for (String key : byKey.keySet()) {
      Seen state = at(key, revision);
      if (!state.equals(Seen.NOTHING)) {
        there.put(key, state);
      }
    }
    return there;
  }

  /// The change of the same key that follows the one of this revision.
  Optional<Change> after(String key, long revision) {
    return Optional.ofNullable(of(key).higherEntry(revision)).map(Map.Entry::getValue);
  }

  /// The first revision, not before this one, at which the key is as it was seen.
  Optional<Long> when(String key, Seen seen, long from) {
    if (seen.equals(at(key, from))) {
      return Optional.of(from);
    }
    for (Change change : of(key).tailMap(from, false).values()) {
      if (seen.equals(at(key, change.revision()))) {
        return Optional.of(change.revision());
      }
    }
    return Optional.empty();
  }
}
