package io.coxswain.controlplane.consistency;

import java.util.List;
import java.util.Map;

/// What a client asked, and what it was answered. Times are of one clock.
sealed interface Operation {

  long begin();

  long end();

  /// How a write ended.
  enum Outcome {
    DONE,
    /// It was answered that the write was not made.
    REFUSED,
    /// There was no answer, or one that says nothing.
    UNKNOWN
  }

  enum Verb {
    CREATE,
    UPDATE,
    DELETE
  }

  /// @param value that it writes, of no other write; empty for a removal
  /// @param onto the revision that it was to change; 0 for any
  /// @param revision that it was answered; 0 when none was
  record Write(
      long begin,
      long end,
      Verb verb,
      String key,
      String value,
      long onto,
      Outcome outcome,
      long revision)
      implements Operation {}

  /// @param atLeast the answer may be old, but not older than this revision; -1 when it must be the
  ///   latest
  record Read(long begin, long end, String key, long atLeast, Seen seen) implements Operation {}

  /// @param atLeast as of a read; -1 when it must be the latest
  /// @param revision of the whole
  record Listing(long begin, long end, long atLeast, long revision, Map<String, Seen> seen)
      implements Operation {
    public Listing {
      seen = Map.copyOf(seen);
    }
  }

  /// @param type as `ADDED`
  record Event(String type, String key, Seen seen) {}

  /// A watch, or one without a gap that was taken up again where it broke off.
  ///
  /// @param after it begins behind this revision
  /// @param until up to which revision everything was told
  record Watched(long begin, long end, long after, long until, List<Event> events)
      implements Operation {
    public Watched {
      events = List.copyOf(events);
    }
  }
}
