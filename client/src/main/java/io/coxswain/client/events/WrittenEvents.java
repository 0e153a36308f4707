package io.coxswain.client.events;

import io.coxswain.api.core.v1.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// The events that were written within the last ten minutes, so that the same one again raises the
/// count of the one before. Used by one thread.
final class WrittenEvents {

  private static final Duration SAME = Duration.ofMinutes(10);

  /// What makes two events the same.
  record Sameness(
      String uid,
      String kind,
      String namespace,
      String name,
      EventRecorder.Type type,
      String reason,
      String message) {}

  private record Written(Event event, Instant at) {

    boolean isPast(Instant now) {
      return Duration.between(at, now).compareTo(SAME) > 0;
    }
  }

  private final Map<Sameness, Written> bySameness;

  /// @param most that are kept; the one that was not asked for longest goes
  WrittenEvents(int most) {
    bySameness = LatelyUsed.map(most);
  }

  Optional<Event> find(Sameness sameness, Instant now) {
    return Optional.ofNullable(bySameness.get(sameness))
        .filter(written -> !written.isPast(now))
        .map(Written::event);
  }

  void put(Sameness sameness, Event event, Instant at) {
    bySameness.put(sameness, new Written(event, at));
  }

  /// Lets go of those that are of no use any more.
  void forget(Instant now) {
    bySameness.values().removeIf(written -> written.isPast(now));
  }

  int size() {
    return bySameness.size();
  }
}
