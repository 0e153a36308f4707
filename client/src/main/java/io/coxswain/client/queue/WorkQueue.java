package io.coxswain.client.queue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// Keys waiting for a worker. A key is in the queue at most once; while a worker has it, adding it
/// again puts it back after [#done]. So no two workers hold one key, and no event is lost.
///
/// The size is bounded by the number of distinct keys. No thread belongs to the queue: a taker
/// waits for the earliest delayed key itself. Safe for use by many threads.
public final class WorkQueue<K> implements AutoCloseable {

  private record Delayed<K>(K key, long dueNanos, long order) implements Comparable<Delayed<K>> {
    @Override
    public int compareTo(Delayed<K> other) {
      int byTime = Long.compare(dueNanos - other.dueNanos, 0);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final LongSupplier nanoTime;
  private final Backoff backoff;
  private final RandomGenerator random;

  private final ArrayDeque<K> ready = new ArrayDeque<>();
  // Keys to be handed out: those in `ready`, and those added while a worker holds them.
  private final Set<K> dirty = new LinkedHashSet<>();
  private final Set<K> inFlight = new HashSet<>();
  private final PriorityQueue<Delayed<K>> delayed = new PriorityQueue<>();
  private final Map<K, Delayed<K>> delayedByKey = new HashMap<>();
  // Keys that workers gave back, in flight until then.
  private final PriorityQueue<Delayed<K>> resting = new PriorityQueue<>();
  private final Map<K, Integer> failures = new HashMap<>();
  private long order;
  private boolean closed;

  public WorkQueue() {
    this(Backoff.WORK);
  }

  public WorkQueue(Backoff backoff) {
    this(backoff, System::nanoTime, RandomGenerator.getDefault());
  }

  /// @param nanoTime a clock as [System#nanoTime]; a virtual one works with [#poll] only
  public WorkQueue(Backoff backoff, LongSupplier nanoTime, RandomGenerator random) {
    this.backoff = backoff;
    this.nanoTime = nanoTime;
    this.random = random;
  }

  /// Has no effect on a closed queue, so that handlers need not care about shutdown.
  public void add(K key) {
    lock.lock();
    try {
      addLocked(key);
    } finally {
      lock.unlock();
    }
  }

  /// Adds the key once the delay has passed. A key that already waits keeps the earlier time.
  public void addAfter(K key, Duration delay) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (delay.isNegative() || delay.isZero()) {
        addLocked(key);
        return;
      }
      long due = nanoTime.getAsLong() + delay.toNanos();
      Delayed<K> waiting = delayedByKey.get(key);
      if (waiting != null && waiting.dueNanos - due <= 0) {
        return;
      }
      if (waiting != null) {
        delayed.remove(waiting);
      }
      Delayed<K> entry = new Delayed<>(key, due, order++);
      delayed.add(entry);
      delayedByKey.put(key, entry);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /// Adds the key after a delay that grows with every call until [#forget].
  public void addRateLimited(K key) {
    Duration delay;
    lock.lock();
    try {
      delay = backoff.delay(failures.merge(key, 1, Integer::sum), random);
    } finally {
      lock.unlock();
    }
    addAfter(key, delay);
  }

  /// Work on the key succeeded: the next failure starts from the shortest delay.
  public void forget(K key) {
    lock.lock();
    try {
      failures.remove(key);
    } finally {
      lock.unlock();
    }
  }

  /// Failures in a row.
  public int failures(K key) {
    lock.lock();
    try {
      return failures.getOrDefault(key, 0);
    } finally {
      lock.unlock();
    }
  }

  /// The next key, which the caller must give back with [#done]; nothing once the queue is closed.
  /// Blocks.
  public Optional<K> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        Optional<K> key = pollLocked();
        if (key.isPresent()) {
          return key;
        }
        Optional<Duration> next = untilNextDueLocked();
        if (next.isEmpty()) {
          changed.await();
        } else {
          // The result is not needed: the loop looks at the clock again.
          long ignored = changed.awaitNanos(next.get().toNanos());
        }
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /// As [#take], without waiting.
  public Optional<K> poll() {
    lock.lock();
    try {
      return closed ? Optional.empty() : pollLocked();
    } finally {
      lock.unlock();
    }
  }

  /// The worker has finished with the key, well or badly.
  public void done(K key) {
    done(key, Duration.ZERO);
  }

  /// The worker has finished with the key, well or badly. Nobody gets it before the rest is over,
  /// whatever is added meanwhile.
  public void done(K key, Duration rest) {
    lock.lock();
    try {
      if (rest.isZero()) {
        doneLocked(key);
      } else if (!closed) {
        resting.add(new Delayed<>(key, nanoTime.getAsLong() + rest.toNanos(), order++));
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void doneLocked(K key) {
    inFlight.remove(key);
    if (dirty.contains(key) && !closed) {
      ready.add(key);
      changed.signal();
    }
  }

  /// The clock that delays are measured by, in nanoseconds as [System#nanoTime].
  public long now() {
    return nanoTime.getAsLong();
  }

  /// Keys ready to be taken.
  public int size() {
    lock.lock();
    try {
      return ready.size();
    } finally {
      lock.unlock();
    }
  }

  /// Keys that wait for their time.
  public int delayedSize() {
    lock.lock();
    try {
      return delayed.size();
    } finally {
      lock.unlock();
    }
  }

  /// How long until the earliest delayed or resting key is due; nothing when none waits. For
  /// drivers with a virtual clock.
  public Optional<Duration> untilNextDue() {
    lock.lock();
    try {
      return untilNextDueLocked();
    } finally {
      lock.unlock();
    }
  }

  private Optional<Duration> untilNextDueLocked() {
    long now = nanoTime.getAsLong();
    return Stream.of(delayed, resting)
        .filter(queue -> !queue.isEmpty())
        .map(queue -> Math.max(0, queue.element().dueNanos - now))
        .min(Comparator.naturalOrder())
        .map(Duration::ofNanos);
  }

  /// Ends waiting takers. What waits is dropped: levels are read again after a restart.
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      ready.clear();
      dirty.clear();
      delayed.clear();
      delayedByKey.clear();
      resting.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void addLocked(K key) {
    if (closed || !dirty.add(key) || inFlight.contains(key)) {
      return;
    }
    ready.add(key);
    changed.signal();
  }

  private Optional<K> pollLocked() {
    long now = nanoTime.getAsLong();
    for (Delayed<K> next = resting.peek();
        next != null && next.dueNanos - now <= 0;
        next = resting.peek()) {
      resting.remove();
      doneLocked(next.key);
    }
    for (Delayed<K> next = delayed.peek();
        next != null && next.dueNanos - now <= 0;
        next = delayed.peek()) {
      delayed.remove();
      delayedByKey.remove(next.key);
      addLocked(next.key);
    }
    K key = ready.poll();
    if (key == null) {
      return Optional.empty();
    }
    dirty.remove(key);
    inFlight.add(key);
    return Optional.of(key);
  }
}
