package io.coxswain.client.events;

import java.util.LinkedHashMap;
import java.util.Map;

/// Maps that are bounded.
final class LatelyUsed {

  private LatelyUsed() {}

  /// An empty map of which goes, when there are more, what was not asked for longest. Of one
  /// thread: to look into it changes it.
  static <K, V> Map<K, V> map(int most) {
    return new LinkedHashMap<>(64, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
      }
    };
  }
}
