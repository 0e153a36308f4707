package io.coxswain.controlplane.watch;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The latest changes of one kind, numbered in order, in a ring that grows while changes come fast
/// and forgets the oldest at its bounds: of their number, and of their bytes. Not safe for use by
/// several threads: its cache locks.
final class History {

  private static final int SMALLEST = 64;

  private final int largest;
  private final long keepNanos;
  private final long mostBytes;
  private long bytes;
  private @Nullable Change[] ring = new @Nullable Change[SMALLEST];
  private long first;
  private long next;

  /// Changes up to here are forgotten.
  private long floor;

  /// @param largest most changes to keep, a power of two
  /// @param keepNanos how long more than a few are kept
  /// @param mostBytes of what is stored, in all changes but the newest: each costs several times
  ///   that in memory
  History(int largest, long keepNanos, long mostBytes) {
    this.largest = largest;
    this.keepNanos = keepNanos;
    this.mostBytes = mostBytes;
  }

  /// Forgets all; watches can begin at this revision. A number given out before is held no more.
  void reset(long revision) {
    Arrays.fill(ring, null);
    bytes = 0;
    next++;
    first = next;
    floor = revision;
  }

  void append(Change change) {
    if (next - first == ring.length) {
      makeRoom(change.atNanos());
    }
    while (bytes > mostBytes) {
      forgetFirst();
    }
    ring[slot(next)] = change;
    next++;
    bytes += change.bytes();
  }

  /// The revision of the newest change that is no longer known.
  long floor() {
    return floor;
  }

  /// The number that the next change will get.
  long next() {
    return next;
  }

  boolean holds(long number) {
    return number >= first;
  }

  Change at(long number) {
    Change change = ring[slot(number)];
    if (change == null || number < first || number >= next) {
      throw new IllegalArgumentException(
          "change " + number + " is not between " + first + " and " + next);
    }
    return change;
  }

  /// Whether all is held that somebody may lack who was told of changes up to a revision.
  boolean reaches(long revision) {
    return revision > floor
        || (revision == floor && (first == next || at(first).revision() > floor));
  }

  /// Whether all changes after a revision are held, so that the state at it can be told.
  boolean holdsAllAfter(long revision) {
    return revision >= floor;
  }

  /// The number of the first change after a revision.
  long firstAfter(long revision) {
    return firstFrom(revision + 1);
  }

  /// The number of the first change that somebody may lack who was told of changes up to a
  /// revision: the first one after it, or, where several changes share that revision, the first of
  /// these, as nobody knows how many of them were told.
  long firstLacking(long revision) {
    long after = firstAfter(revision);
    long same = firstFrom(revision);
    return after - same > 1 ? same : after;
  }

  /// The number of the first change at a revision or later.
  private long firstFrom(long revision) {
    long low = first;
    long high = next;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (at(middle).revision() < revision) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// Lets go of what is old, all but a few.
  void prune(long nowNanos) {
    while (next - first > SMALLEST && nowNanos - at(first).atNanos() > keepNanos) {
      forgetFirst();
    }
    if (ring.length > SMALLEST && next - first <= ring.length / 4) {
      resize(ring.length / 2);
    }
  }

  private void makeRoom(long nowNanos) {
    if (ring.length < largest && nowNanos - at(first).atNanos() <= keepNanos) {
      resize(ring.length * 2);
    } else {
      forgetFirst();
    }
  }

  private void forgetFirst() {
    floor = at(first).revision();
    bytes -= at(first).bytes();
    ring[slot(first)] = null;
    first++;
  }

  private void resize(int size) {
    @Nullable Change[] resized = new @Nullable Change[size];
    for (long number = first; number < next; number++) {
      resized[(int) (number & (size - 1))] = at(number);
    }
    ring = resized;
  }

  private int slot(long number) {
    return (int) (number & (ring.length - 1));
  }
}
