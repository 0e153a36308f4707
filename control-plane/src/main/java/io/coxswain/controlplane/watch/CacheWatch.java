package io.coxswain.controlplane.watch;

import io.coxswain.client.ApiException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One reader's stream of one kind's changes. Events wait in a short queue; a reader that is slower
/// catches up from the cache's history, and one that history has outrun is cut off.
///
/// Where it takes somebody outside to say what a change is to this reader, as whoever converts
/// between versions, the reader asks, so that nobody else waits for the answer.
///
/// While the reader waits, events go to its [EventSink] right away; it is woken for those that the
/// sink does not take.
///
/// One thread reads, any may close.
public final class CacheWatch implements AutoCloseable {

  /// What the reader finds next.
  private sealed interface Waiting {

    record Known(CacheEvent event) implements Waiting {}

    /// The reader itself looks what it is to it.
    record Unseen(Change change) implements Waiting {}
  }

  /// Events that wait for the reader before it has to catch up from history.
  private static final int QUEUE = 256;

  /// How often a reader that asked for bookmarks is told how far it has come.
  private static final Duration BOOKMARK_EVERY = Duration.ofSeconds(60);

  private final WatchCache cache;
  private final Selection selection;
  private final boolean bookmarks;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition came = lock.newCondition();
  private final ArrayDeque<Waiting> queue;

  /// The number of the first change not looked at yet.
  private long position;

  /// Whether changes were passed over since the queue was full: they are fetched from history.
  private boolean behind = true;

  /// Takes what comes, as long as the reader waits.
  private EventSink sink = EventSink.NONE;

  private long told;
  private long bookmarkedNanos;
  private boolean closed;
  private @Nullable ApiException end;

  CacheWatch(
      WatchCache cache,
      Selection selection,
      List<CacheEvent> initial,
      long position,
      long told,
      boolean bookmarks,
      LongSupplier nanoTime) {
    this.cache = cache;
    this.selection = selection;
    this.queue = new ArrayDeque<>(initial.size() + 1);
    initial.forEach(event -> queue.add(new Waiting.Known(event)));
    this.position = position;
    this.told = told;
    this.bookmarks = bookmarks;
    this.nanoTime = nanoTime;
    this.bookmarkedNanos = nanoTime.getAsLong();
  }

  /// The next event, or nothing when none came in time. Blocks.
  ///
  /// @throws ApiException with Expired when the reader fell too far behind: list again
  /// @throws IllegalStateException when the watch is closed
  public Optional<CacheEvent> next(Duration patience) throws InterruptedException {
    return next(patience, EventSink.NONE);
  }

  /// As the other, but for events that the sink takes while this call waits.
  public Optional<CacheEvent> next(Duration patience, EventSink direct)
      throws InterruptedException {
    long deadline = nanoTime.getAsLong() + patience.toNanos();
    while (true) {
      Optional<CacheEvent> event = poll();
      if (event.isPresent()) {
        return event;
      }
      if (!await(deadline, direct)) {
        return poll();
      }
    }
  }

  /// The next event if there is one already.
  public Optional<CacheEvent> poll() {
    while (true) {
      Optional<Waiting> next = taken();
      if (next.isEmpty()) {
        return due();
      }
      Optional<CacheEvent> event =
          switch (next.get()) {
            case Waiting.Known(CacheEvent known) -> Optional.of(known);
            case Waiting.Unseen(Change change) -> change.seenBy(selection);
          };
      if (event.isPresent()) {
        tell(event.get());
        return event;
      }
    }
  }

  private Optional<Waiting> taken() {
    lock.lock();
    try {
      Optional<Waiting> first = take();
      if (first.isPresent() || !behind) {
        return first;
      }
    } finally {
      lock.unlock();
    }
    cache.refill(this);
    lock.lock();
    try {
      return take();
    } finally {
      lock.unlock();
    }
  }

  private void tell(CacheEvent event) {
    lock.lock();
    try {
      told = Math.max(told, event.revision());
    } finally {
      lock.unlock();
    }
  }

  private Optional<CacheEvent> due() {
    lock.lock();
    try {
      return dueBookmark();
    } finally {
      lock.unlock();
    }
  }

  /// Says how far the reader has come: for the end of a stream, so that the next begins there.
  /// Nothing while events wait to be read.
  public Optional<CacheEvent> bookmark() {
    lock.lock();
    try {
      return queue.isEmpty() && !behind ? Optional.of(makeBookmark()) : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private Optional<Waiting> take() {
    if (closed) {
      throw new IllegalStateException("the watch of " + cache.prefix() + " is closed");
    }
    Waiting next = queue.poll();
    if (next != null) {
      return Optional.of(next);
    }
    if (end != null) {
      throw end;
    }
    return Optional.empty();
  }

  /// The cache's revision counts only because nothing waits in the queue: what it covers was
  /// offered before it was raised.
  private Optional<CacheEvent> dueBookmark() {
    boolean due = nanoTime.getAsLong() - bookmarkedNanos >= BOOKMARK_EVERY.toNanos();
    return bookmarks && due && !behind && queue.isEmpty()
        ? Optional.of(makeBookmark())
        : Optional.empty();
  }

  private CacheEvent makeBookmark() {
    bookmarkedNanos = nanoTime.getAsLong();
    return cache.bookmark(Math.max(told, cache.revision()), false);
  }

  private boolean await(long deadline, EventSink direct) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = deadline - nanoTime.getAsLong();
      if (bookmarks) {
        left = Math.min(left, bookmarkedNanos + BOOKMARK_EVERY.toNanos() - nanoTime.getAsLong());
      }
      sink = direct;
      while (queue.isEmpty() && !behind && end == null && !closed && left > 0) {
        left = came.awaitNanos(left);
      }
      return deadline - nanoTime.getAsLong() > 0;
    } finally {
      sink = EventSink.NONE; // from here on the reader says what comes next
      lock.unlock();
    }
  }

  /// Called by the cache, in order, for every change.
  void offer(Change change, long number) {
    lock.lock();
    try {
      if (behind) {
        return;
      }
      if (queue.size() >= QUEUE) {
        behind = true;
        return;
      }
      add(change, number);
    } finally {
      lock.unlock();
    }
  }

  /// @return whether there is room for more
  boolean catchUp(Change change, long number) {
    lock.lock();
    try {
      if (queue.size() >= QUEUE) {
        return false;
      }
      add(change, number);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void add(Change change, long number) {
    position = number + 1;
    if (change.blocks(selection)) {
      queue.add(new Waiting.Unseen(change));
      came.signal();
      return;
    }
    Optional<CacheEvent> event = change.seenBy(selection);
    if (event.isPresent()) {
      if (queue.isEmpty() && sink.take(event.get())) {
        told = Math.max(told, event.get().revision());
        return;
      }
      queue.add(new Waiting.Known(event.get()));
      came.signal();
    }
  }

  /// Nothing is left in history: from here on changes are offered as they come.
  void level() {
    lock.lock();
    try {
      behind = false;
    } finally {
      lock.unlock();
    }
  }

  long position() {
    lock.lock();
    try {
      return position;
    } finally {
      lock.unlock();
    }
  }

  long told() {
    lock.lock();
    try {
      return told;
    } finally {
      lock.unlock();
    }
  }

  void end(ApiException why) {
    lock.lock();
    try {
      end = why;
      queue.clear();
      behind = false;
      came.signalAll();
    } finally {
      lock.unlock();
    }
    cache.closed(this);
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      queue.clear();
      came.signalAll();
    } finally {
      lock.unlock();
    }
    cache.closed(this);
  }
}
