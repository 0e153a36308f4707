package io.coxswain.controlplane.storage;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A store that lives as long as the JVM, for tests and simulation: same promises as etcd's, with
/// history until it is compacted. Values whose time is over go when the store is next used.
public final class MemoryStore implements Store {

  /// What a key was from a revision on; no bytes once it was removed.
  private record Version(long revision, @Nullable ByteString bytes, Instant expires) {}

  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final NavigableMap<String, ArrayDeque<Version>> history = new TreeMap<>();
  private final ArrayList<StoreEvent> log = new ArrayList<>();
  private long revision = 1;
  private long compacted;
  private Instant nextExpiry = Instant.MAX;

  public MemoryStore() {
    this(InstantSource.system());
  }

  public MemoryStore(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public Optional<StoredValue> find(String key) {
    lock.lock();
    try {
      expire();
      return current(key);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public StorePage list(ListRange range) {
    lock.lock();
    try {
      expire();
      long at = range.revision() == 0 ? revision : range.revision();
      if (at < compacted) {
        throw new StoreException.Compacted("revision " + at + " is older than " + compacted);
      }
      if (at > revision) {
        throw new StoreException.Compacted("revision " + at + " is still to come");
      }
      String from = range.after().isEmpty() ? range.prefix() : range.after() + "\0";
      List<StoredValue> values = new ArrayList<>();
      long remaining = 0;
      for (var entry : history.tailMap(from, true).entrySet()) {
        if (!entry.getKey().startsWith(range.prefix())) {
          break;
        }
        Optional<StoredValue> value = at(entry.getKey(), entry.getValue(), at);
        if (value.isEmpty()) {
          continue;
        }
        if (range.limit() > 0 && values.size() == range.limit()) {
          remaining++;
        } else {
          values.add(value.get());
        }
      }
      return new StorePage(values, at, remaining);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public WriteResult write(Write write) {
    lock.lock();
    try {
      expire();
      Optional<StoredValue> current = current(write.key());
      long at = current.map(StoredValue::revision).orElse(0L);
      return switch (write) {
        case Write.Create create ->
            current.isPresent()
                ? new WriteResult.Refused(current)
                : put(create.key(), create.bytes(), create.timeToLive());
        case Write.Replace replace ->
            at != replace.expectedRevision()
                ? new WriteResult.Refused(current)
                : put(replace.key(), replace.bytes(), replace.timeToLive());
        case Write.Remove remove ->
            current.isEmpty() || at != remove.expectedRevision()
                ? new WriteResult.Refused(current)
                : remove(remove.key());
      };
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long revision() {
    lock.lock();
    try {
      expire();
      return revision;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public StoreWatch watch(String prefix, long afterRevision) {
    return new MemoryWatch(prefix, afterRevision);
  }

  @Override
  public void compact(long upTo) {
    lock.lock();
    try {
      if (upTo <= compacted) {
        return;
      }
      compacted = Math.min(upTo, revision);
      log.removeIf(event -> event.revision() <= compacted);
      history.values().forEach(versions -> forget(versions, compacted));
      history.values().removeIf(ArrayDeque::isEmpty);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {}

  /// Keeps what was true at `upTo` and everything newer.
  private static void forget(ArrayDeque<Version> versions, long upTo) {
    while (versions.size() > 1 && second(versions).revision() <= upTo) {
      versions.removeFirst();
    }
    Version oldest = versions.getFirst();
    if (oldest.bytes() == null && oldest.revision() <= upTo) {
      versions.removeFirst();
    }
  }

  private static Version second(ArrayDeque<Version> versions) {
    var oldestFirst = versions.iterator();
    oldestFirst.next();
    return oldestFirst.next();
  }

  private Optional<StoredValue> current(String key) {
    ArrayDeque<Version> versions = history.get(key);
    return versions == null ? Optional.empty() : at(key, versions, revision);
  }

  private static Optional<StoredValue> at(String key, ArrayDeque<Version> versions, long at) {
    var newestFirst = versions.descendingIterator();
    while (newestFirst.hasNext()) {
      Version version = newestFirst.next();
      if (version.revision() <= at) {
        ByteString bytes = version.bytes();
        return bytes == null
            ? Optional.empty()
            : Optional.of(new StoredValue(key, bytes, version.revision()));
      }
    }
    return Optional.empty();
  }

  private WriteResult put(String key, ByteString bytes, Duration timeToLive) {
    revision++;
    Instant expires =
        timeToLive.equals(Write.FOREVER) ? Instant.MAX : clock.instant().plus(timeToLive);
    if (expires.isBefore(nextExpiry)) {
      nextExpiry = expires;
    }
    history
        .computeIfAbsent(key, _ -> new ArrayDeque<>())
        .addLast(new Version(revision, bytes, expires));
    log.add(new StoreEvent.Put(new StoredValue(key, bytes, revision)));
    changed.signalAll();
    return new WriteResult.Done(revision);
  }

  private WriteResult remove(String key) {
    revision++;
    history
        .computeIfAbsent(key, _ -> new ArrayDeque<>())
        .addLast(new Version(revision, null, Instant.MAX));
    log.add(new StoreEvent.Removed(key, revision));
    changed.signalAll();
    return new WriteResult.Done(revision);
  }

  private void expire() {
    Instant now = clock.instant();
    if (now.isBefore(nextExpiry)) {
      return;
    }
    nextExpiry = Instant.MAX;
    List<String> over = new ArrayList<>();
    history.forEach((key, versions) -> {
      Instant expires = versions.getLast().expires();
      if (!now.isBefore(expires)) {
        over.add(key);
      } else if (expires.isBefore(nextExpiry)) {
        nextExpiry = expires;
      }
    });
    over.forEach(this::remove);
  }

  private final class MemoryWatch implements StoreWatch {

    private final String prefix;
    private long told;
    private boolean closed;

    MemoryWatch(String prefix, long afterRevision) {
      this.prefix = prefix;
      this.told = afterRevision;
    }

    @Override
    public Batch next(Duration patience) throws InterruptedException {
      long left = patience.toNanos();
      lock.lockInterruptibly();
      try {
        while (true) {
          if (closed) {
            throw new IllegalStateException("the watch of " + prefix + " is closed");
          }
          expire();
          if (told < compacted) {
            throw new StoreException.Compacted(
                "changes after " + told + " are forgotten up to " + compacted);
          }
          if (revision > told) {
            return batch();
          }
          if (left <= 0) {
            return new Batch(List.of(), told);
          }
          left = changed.awaitNanos(left);
        }
      } finally {
        lock.unlock();
      }
    }

    /// The log holds one event a revision, so where to begin follows from its length.
    private Batch batch() {
      int fresh = (int) Math.min(log.size(), revision - told);
      List<StoreEvent> events =
          log.subList(log.size() - fresh, log.size()).stream()
              .filter(event -> event.key().startsWith(prefix))
              .toList();
      told = revision;
      return new Batch(events, revision);
    }

    @Override
    public void close() {
      lock.lock();
      try {
        closed = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
