package io.coxswain.scheduler.queue;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.queue.Backoff;
import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.snapshot.PodInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/// Which pod is next. A pod is in one place at a time: active, backing off, asleep, held back by
/// scheduling gates, or handed out. Bounded by the number of pods. Safe for use by many threads.
public final class SchedulingQueue implements AutoCloseable {

  /// Where pods are, for metrics.
  public enum Part {
    ACTIVE,
    BACKOFF,
    UNSCHEDULABLE,
    GATED
  }

  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10), 0);

  /// Even without any event that helps it, a pod is looked at again after this long: what a rule
  /// does not know to be a remedy must not leave a pod behind for ever.
  private static final Duration LONGEST_SLEEP = Duration.ofMinutes(5);

  private static final int REMEMBERED_EVENTS = 4_096;

  private static final Comparator<Entry> NEXT =
      Comparator.<Entry>comparingInt(entry -> -entry.pod.priority())
          .thenComparing(entry -> entry.since)
          .thenComparing(entry -> entry.pod.uid());

  private static final class Entry {
    PodInfo pod;
    final Instant since;
    int attempts;
    Place place = Place.ACTIVE;
    Instant due = Instant.MIN;
    Set<ClusterEvent> remedies = Set.of();
    boolean changedWhileOut;

    Entry(PodInfo pod, Instant since) {
      this.pod = pod;
      this.since = since;
    }
  }

  private enum Place {
    ACTIVE,
    BACKOFF,
    ASLEEP,
    GATED,
    OUT
  }

  private record Timed(Instant due, Entry entry) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Map<String, Entry> entries = new HashMap<>();
  private final TreeSet<Entry> active = new TreeSet<>(NEXT);
  // Entries leave their place by changing it: what is stale here is skipped.
  private final PriorityQueue<Timed> timers = new PriorityQueue<>(Comparator.comparing(Timed::due));
  private final ArrayDeque<ClusterEvent> recent = new ArrayDeque<>();
  private long events;
  private boolean closed;

  public SchedulingQueue(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  /// A pod that needs a node, as first or newly heard of. What it has waited is kept; a change of
  /// what it asks for wakes it.
  public void put(Pod pod) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      PodInfo info = PodInfo.of(pod);
      Entry entry = entries.get(info.uid());
      if (entry == null) {
        entry = new Entry(info, clock.instant());
        entries.put(info.uid(), entry);
        place(entry);
        return;
      }
      boolean asksOtherwise = asksOtherwise(entry.pod.pod(), pod);
      boolean wasActive = entry.place == Place.ACTIVE && active.remove(entry);
      entry.pod = info;
      if (wasActive) {
        place(entry);
      } else if (asksOtherwise && entry.place == Place.OUT) {
        entry.changedWhileOut = true;
      } else if (asksOtherwise) {
        place(entry);
      }
    } finally {
      lock.unlock();
    }
  }

  /// A pod that needs no node any more: it has one, or it is gone.
  public void remove(String uid) {
    lock.lock();
    try {
      Entry entry = entries.remove(uid);
      if (entry != null && entry.place == Place.ACTIVE) {
        active.remove(entry);
      }
    } finally {
      lock.unlock();
    }
  }

  /// The next pod; nothing once closed. It stays handed out until [#unschedulable] or [#failed]
  /// brings it back, or [#remove] says that it has its node. Blocks.
  public Optional<Waiting> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        Optional<Waiting> next = pollLocked();
        if (next.isPresent()) {
          return next;
        }
        Timed timer = timers.peek();
        if (timer == null) {
          changed.await();
        } else {
          long millis = Duration.between(clock.instant(), timer.due).toMillis() + 1;
          // The result is not needed: the loop looks at the clock again.
          boolean ignored = changed.await(Math.max(1, millis), TimeUnit.MILLISECONDS);
        }
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /// As [#take], without waiting.
  public Optional<Waiting> poll() {
    lock.lock();
    try {
      return closed ? Optional.empty() : pollLocked();
    } finally {
      lock.unlock();
    }
  }

  /// No node will do. The pod sleeps until a remedy happens; if one has happened since the
  /// decision's snapshot, it only backs off.
  public void unschedulable(Waiting waiting, Set<ClusterEvent> remedies) {
    lock.lock();
    try {
      Entry entry = entries.get(waiting.pod().uid());
      if (entry == null || entry.place != Place.OUT) {
        return;
      }
      entry.remedies = remedies;
      if (entry.changedWhileOut || happenedSince(waiting.events(), remedies)) {
        backOff(entry);
        return;
      }
      entry.place = Place.ASLEEP;
      entry.due = clock.instant().plus(LONGEST_SLEEP);
      timers.add(new Timed(entry.due, entry));
    } finally {
      lock.unlock();
    }
  }

  /// The decision could not be made or carried out: again after a back-off.
  public void failed(Waiting waiting) {
    lock.lock();
    try {
      Entry entry = entries.get(waiting.pod().uid());
      if (entry != null && entry.place == Place.OUT) {
        backOff(entry);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Something happened in the cluster: pods that it may help are looked at again.
  public void happened(Set<ClusterEvent> what) {
    if (what.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      for (ClusterEvent event : what) {
        events++;
        recent.add(event);
        if (recent.size() > REMEMBERED_EVENTS) {
          recent.remove();
        }
      }
      List<Entry> helped = new ArrayList<>();
      for (Entry entry : entries.values()) {
        if (entry.place == Place.ASLEEP && entry.remedies.stream().anyMatch(what::contains)) {
          helped.add(entry);
        }
      }
      helped.forEach(this::backOff);
    } finally {
      lock.unlock();
    }
  }

  public int size(Part part) {
    lock.lock();
    try {
      Place place =
          switch (part) {
            case ACTIVE -> Place.ACTIVE;
            case BACKOFF -> Place.BACKOFF;
            case UNSCHEDULABLE -> Place.ASLEEP;
            case GATED -> Place.GATED;
          };
      return (int) entries.values().stream().filter(entry -> entry.place == place).count();
    } finally {
      lock.unlock();
    }
  }

  /// When the next waiting pod is due, for drivers with a virtual clock.
  public Optional<Instant> nextDue() {
    lock.lock();
    try {
      return timers.stream()
          .filter(timer -> timer.entry.due.equals(timer.due) && waits(timer.entry))
          .map(Timed::due)
          .min(Comparator.naturalOrder());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      entries.clear();
      active.clear();
      timers.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Optional<Waiting> pollLocked() {
    Instant now = clock.instant();
    for (Timed timer = timers.peek();
        timer != null && !timer.due.isAfter(now);
        timer = timers.peek()) {
      timers.remove();
      if (waits(timer.entry) && timer.entry.due.equals(timer.due)) {
        place(timer.entry);
      }
    }
    Entry entry = active.pollFirst();
    if (entry == null) {
      return Optional.empty();
    }
    entry.place = Place.OUT;
    entry.changedWhileOut = false;
    entry.attempts++;
    return Optional.of(new Waiting(entry.pod, entry.since, entry.attempts, events));
  }

  private boolean waits(Entry entry) {
    return (entry.place == Place.BACKOFF || entry.place == Place.ASLEEP)
        && entries.get(entry.pod.uid()) == entry;
  }

  private void place(Entry entry) {
    if (entry.pod.pod().getSpec().getSchedulingGatesCount() > 0) {
      entry.place = Place.GATED;
      return;
    }
    entry.place = Place.ACTIVE;
    active.add(entry);
    changed.signal();
  }

  // A pod that slept for longer than its back-off need not wait again.
  private void backOff(Entry entry) {
    Duration delay = BACKOFF.delay(Math.max(1, entry.attempts), random);
    Instant base = entry.place == Place.ASLEEP ? entry.due.minus(LONGEST_SLEEP) : clock.instant();
    Instant due = base.plus(delay);
    if (entry.place == Place.ASLEEP && !due.isAfter(clock.instant())) {
      place(entry);
      return;
    }
    entry.place = Place.BACKOFF;
    entry.due = due;
    timers.add(new Timed(due, entry));
    changed.signal();
  }

  private boolean happenedSince(long seen, Set<ClusterEvent> remedies) {
    long missed = events - seen;
    if (missed > recent.size()) {
      return true;
    }
    Set<ClusterEvent> since = EnumSet.noneOf(ClusterEvent.class);
    recent.stream().skip(recent.size() - missed).forEach(since::add);
    return remedies.stream().anyMatch(since::contains);
  }

  // A pod's status and bookkeeping change whenever a decision is written down: that is no reason to
  // decide again.
  private static boolean asksOtherwise(Pod before, Pod after) {
    return !before.getSpec().equals(after.getSpec())
        || !before.getMetadata().getLabelsMap().equals(after.getMetadata().getLabelsMap());
  }
}
