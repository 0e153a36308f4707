package io.coxswain.controlplane.watch;

import io.coxswain.client.WatchEvent;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One object's step from one version to the next. Which event that is depends on who looks: to a
/// selection that the object enters it is an addition.
final class Change {

  private static final Logger log = LoggerFactory.getLogger(Change.class);

  private final @Nullable CachedObject before;
  private final @Nullable CachedObject after;
  private final long revision;
  private final long atNanos;
  private @Nullable CacheEvent added;
  private @Nullable CacheEvent modified;
  private @Nullable CacheEvent deleted;

  Change(@Nullable CachedObject before, @Nullable CachedObject after, long revision, long atNanos) {
    this.before = before;
    this.after = after;
    this.revision = revision;
    this.atNanos = atNanos;
  }

  long revision() {
    return revision;
  }

  /// The object before it; nothing where it was made.
  Optional<CachedObject> before() {
    return Optional.ofNullable(before);
  }

  /// Of the object, in the store.
  String key() {
    return either().stored().key();
  }

  private CachedObject either() {
    CachedObject one = before != null ? before : after;
    if (one == null) {
      throw new IllegalStateException("a change of nothing");
    }
    return one;
  }

  long atNanos() {
    return atNanos;
  }

  /// How many bytes of the store it holds that no later change of the same object holds.
  int bytes() {
    return either().stored().bytes().size();
  }

  /// Whether to say what a selection sees may block.
  boolean blocks(Selection selection) {
    CachedObject old = before;
    CachedObject now = after;
    return (old != null && waitsFor(selection, old)) || (now != null && waitsFor(selection, now));
  }

  private static boolean waitsFor(Selection selection, CachedObject object) {
    try {
      return selection.waitsFor(object);
    } catch (RuntimeException unreadable) {
      return false; // which is told where it is looked at
    }
  }

  /// The event that a selection sees, if any. Equal views share one event.
  Optional<CacheEvent> seenBy(Selection selection) {
    CachedObject old = before;
    CachedObject now = after;
    boolean was = old != null && includes(selection, old);
    boolean is = now != null && includes(selection, now);
    if (is && now != null) {
      return Optional.of(was ? modified(now) : added(now));
    }
    return was && old != null ? Optional.of(deleted(old)) : Optional.empty();
  }

  /// Bytes that cannot be read must not stop everybody else's events: such an object is in no
  /// selection that looks inside.
  private static boolean includes(Selection selection, CachedObject object) {
    try {
      return selection.includes(object);
    } catch (RuntimeException unreadable) {
      log.error(
          "{} cannot be decoded and is left out of watches", object.stored().key(), unreadable);
      return false;
    }
  }

  private synchronized CacheEvent added(CachedObject now) {
    CacheEvent event = added;
    if (event == null) {
      event = new CacheEvent(WatchEvent.Type.ADDED, now);
      added = event;
    }
    return event;
  }

  private synchronized CacheEvent modified(CachedObject now) {
    CacheEvent event = modified;
    if (event == null) {
      event = new CacheEvent(WatchEvent.Type.MODIFIED, now);
      modified = event;
    }
    return event;
  }

  private synchronized CacheEvent deleted(CachedObject old) {
    CacheEvent event = deleted;
    if (event == null) {
      event = new CacheEvent(WatchEvent.Type.DELETED, old.at(revision));
      deleted = event;
    }
    return event;
  }
}
