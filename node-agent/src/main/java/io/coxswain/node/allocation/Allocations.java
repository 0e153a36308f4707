package io.coxswain.node.allocation;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.client.codec.Times;
import io.coxswain.node.allocation.Standing.Pending;
import io.coxswain.node.runtime.Granted;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The book of what the node has set aside for its pods. Whatever may make room has those that wait
/// looked at again. What it says is on disk when the pod's worker has written it down: until then
/// an agent that is killed decides anew. Safe for use by many threads; calls are short.
public final class Allocations {

  private final Share node;
  private final Clock clock;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private boolean complete;

  // One pod of the book.
  private static final class Entry {
    final Runnable changed;
    Pod wish;
    Allocation wanted;
    Allocation allocation;
    long generation;
    Map<String, Granted> actual = Map.of();
    boolean over;
    @Nullable Pending pending;

    Entry(Pod pod, Runnable changed) {
      this.changed = changed;
      this.wish = pod;
      this.wanted = Allocation.of(pod.getSpec());
      this.allocation = wanted;
      this.generation = pod.getMetadata().getGeneration();
    }

    void want(Pod pod) {
      wish = pod;
      Allocation now = Allocation.of(pod.getSpec());
      wanted = now.equals(allocation) ? allocation : now;
    }

    boolean waits() {
      return !over && !allocation.equals(wanted);
    }

    PodSpec allocated() {
      return allocation.applied(wish).getSpec();
    }

    Map<String, Long> holds() {
      Map<String, Long> holds = Room.asked(allocated());
      Share held = held();
      holds.put("cpu", held.milliCpus());
      holds.put("memory", held.memoryBytes());
      return holds;
    }

    Share held() {
      return over ? Share.NONE : Share.held(allocated(), actual);
    }
  }

  /// @param node what pods may have of the node together
  public Allocations(Share node, Clock clock) {
    this.node = node;
    this.clock = clock;
  }

  /// Sets aside what a pod wants that comes to this node, or what a former agent had set aside for
  /// it.
  ///
  /// @param pod with the resources that are set aside
  /// @param changed told when the pod's standing is another one, under a lock: it must only pass
  ///   the word on
  public synchronized void take(Pod pod, Runnable changed) {
    Entry entry = new Entry(pod, changed);
    Entry known = entries.put(pod.getMetadata().getUid(), entry);
    if (known != null) {
      entry.want(known.wish);
      entry.actual = known.actual;
      entry.over = known.over;
      entry.pending = known.pending;
    }
    decide();
  }

  /// What is too little for a pod that comes to this node; nothing when it fits.
  ///
  /// @param capacity what pods may have together, by resource
  public synchronized List<Lack> lacks(Pod pod, Map<String, Long> capacity) {
    String uid = pod.getMetadata().getUid();
    List<Map<String, Long>> others = new ArrayList<>();
    entries.forEach((other, entry) -> {
      if (!entry.over && !other.equals(uid)) {
        others.add(entry.holds());
      }
    });
    return Room.lacks(capacity, others, Room.asked(pod.getSpec()));
  }

  /// What the pod wants now.
  public synchronized void want(Pod pod) {
    Entry entry = entries.get(pod.getMetadata().getUid());
    if (entry != null) {
      entry.want(pod);
      decide();
    }
  }

  /// What the pod's running containers have, by their names.
  public synchronized void has(String uid, Map<String, Granted> actual) {
    Entry entry = entries.get(uid);
    if (entry != null && !entry.actual.equals(actual)) {
      entry.actual = Map.copyOf(actual);
      decide();
    }
  }

  /// The pod runs no more, though it is still known.
  public synchronized void over(String uid) {
    Entry entry = entries.get(uid);
    if (entry != null && !entry.over) {
      entry.over = true;
      decide();
    }
  }

  /// The pod is gone.
  public synchronized void drop(String uid) {
    if (entries.remove(uid) != null) {
      decide();
    }
  }

  /// All pods of this node are known: only from now on is it clear what room there is.
  public synchronized void complete() {
    complete = true;
    decide();
  }

  public synchronized Optional<Standing> of(String uid) {
    return Optional.ofNullable(entries.get(uid))
        .map(one -> new Standing(one.allocation, one.generation, Optional.ofNullable(one.pending)));
  }

  private void decide() {
    Instant now = clock.instant();
    for (Entry entry : entries.values()) {
      if (!entry.waits() && entry.pending != null) {
        entry.pending = null;
        entry.changed.run();
      }
    }
    if (!complete) {
      return;
    }
    List<Entry> waiting =
        entries.values().stream()
            .filter(Entry::waits)
            .sorted((a, b) -> Turns.ORDER.compare(request(a, now), request(b, now)))
            .toList();
    waiting.forEach(entry -> decide(entry, now));
  }

  private static Turns.Request request(Entry entry, Instant now) {
    Share held = Share.of(entry.allocated());
    boolean increases = !held.most(Share.of(entry.wish.getSpec())).equals(held);
    return new Turns.Request(entry.wish, increases, since(entry, now));
  }

  private static Instant since(Entry entry, Instant now) {
    if (entry.pending != null) {
      return entry.pending.since();
    }
    for (PodCondition condition : entry.wish.getStatus().getConditionsList()) {
      if (condition.getType().equals("PodResizePending") && condition.hasLastTransitionTime()) {
        return Times.instant(condition.getLastTransitionTime());
      }
    }
    return now;
  }

  private void decide(Entry entry, Instant now) {
    Share others = Share.NONE;
    for (Entry other : entries.values()) {
      others = other.equals(entry) ? others : others.plus(other.held());
    }
    long generation = entry.wish.getMetadata().getGeneration();
    Optional<Fit.Objection> objection =
        Fit.objection(node, others, Share.of(entry.allocated()), Share.of(entry.wish.getSpec()));
    if (objection.isEmpty()) {
      entry.allocation = entry.wanted;
      entry.generation = generation;
      entry.pending = null;
      entry.changed.run();
      return;
    }
    Pending pending =
        new Pending(
            objection.get().reason(), objection.get().message(), generation, since(entry, now));
    if (!pending.equals(entry.pending)) {
      entry.pending = pending;
      entry.changed.run();
    }
  }
}
