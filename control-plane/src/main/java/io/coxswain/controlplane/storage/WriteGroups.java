package io.coxswain.controlplane.storage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// Joins writes that come at the same time into one transaction: while one is under way, those that
/// come gather for the next. Nobody waits for others to come: who comes alone goes alone, at once.
/// A transaction costs the store about the same whatever it holds, one sync above all.
///
/// Writes of one key follow each other. Once one is made, those behind it that expect what was
/// there before are refused with it: sent one by one, they would hold up whoever expects the right
/// thing.
final class WriteGroups {

  /// A write and the lease that its value goes with, 0 for none.
  record Leased(Write write, long lease) {}

  /// Well below what etcd takes at once.
  private static final long MOST_BYTES = 256 * 1024;

  private record Waiting(Leased leased, CompletableFuture<WriteResult> made) {}

  private final Function<List<Leased>, List<WriteResult>> commit;
  private final ReentrantLock lock = new ReentrantLock();
  // As many as there are callers, who wait.
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private boolean busy;

  /// @param commit makes each of the writes, whose keys differ, if its key is as expected; answers
  ///   in their order, in which removals are last. Blocks.
  WriteGroups(Function<List<Leased>, List<WriteResult>> commit) {
    this.commit = commit;
  }

  /// Blocks until the write is made or refused.
  ///
  /// @throws RuntimeException what `commit` threw
  /// @throws InterruptedException with the write made or not
  WriteResult write(Leased leased) throws InterruptedException {
    Waiting mine = new Waiting(leased, new CompletableFuture<>());
    if (!joins(mine)) {
      return goes(leased);
    }
    try {
      return mine.made.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failed) {
        throw failed;
      }
      throw new IllegalStateException("write " + leased.write().key(), e.getCause());
    }
  }

  /// Whether another is under way, so that this one waits; else it is the one under way.
  private boolean joins(Waiting mine) {
    lock.lock();
    try {
      if (busy) {
        waiting.add(mine);
        return true;
      }
      busy = true;
      return false;
    } finally {
      lock.unlock();
    }
  }

  /// Makes one write in its caller's thread. What has come meanwhile gets a thread of its own:
  /// nobody is to work for others, whose writes an interrupt would then end.
  private WriteResult goes(Leased leased) {
    List<Leased> alone = List.of(leased);
    List<WriteResult> results = List.of();
    try {
      results = commit.apply(alone);
      return results.getFirst();
    } finally {
      refuseOutdated(alone, results);
      List<Waiting> group = next();
      if (!group.isEmpty()) {
        Thread.ofVirtual().name("write-groups").start(() -> work(group));
      }
    }
  }

  /// How many are not under way yet.
  int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  private void work(List<Waiting> first) {
    for (List<Waiting> group = first; !group.isEmpty(); group = next()) {
      try {
        List<Leased> writes = group.stream().map(Waiting::leased).toList();
        List<WriteResult> results = commit.apply(writes);
        for (int i = 0; i < group.size(); i++) {
          group.get(i).made.complete(results.get(i));
        }
        refuseOutdated(writes, results);
      } catch (RuntimeException | Error failed) {
        group.forEach(one -> one.made.completeExceptionally(failed));
      }
    }
  }

  /// Answers those waiting writes that cannot be made any more, now that it is known what their
  /// keys have. Where nothing is known, for the store failed, they find out themselves.
  private void refuseOutdated(List<Leased> writes, List<WriteResult> results) {
    Map<String, Optional<StoredValue>> there = HashMap.newHashMap(results.size());
    for (int i = 0; i < results.size(); i++) {
      there.put(writes.get(i).write().key(), there(writes.get(i).write(), results.get(i)));
    }
    lock.lock();
    try {
      waiting.removeIf(one -> {
        Optional<StoredValue> current = there.get(one.leased.write().key());
        return current != null
            && !isAsExpected(one.leased.write(), current)
            && one.made.complete(new WriteResult.Refused(current));
      });
    } finally {
      lock.unlock();
    }
  }

  /// What a key has after a write of it.
  private static Optional<StoredValue> there(Write write, WriteResult result) {
    return switch (result) {
      case WriteResult.Refused(Optional<StoredValue> current) -> current;
      case WriteResult.Done(long revision) ->
          switch (write) {
            case Write.Create create ->
                Optional.of(new StoredValue(create.key(), create.bytes(), revision));
            case Write.Replace replace ->
                Optional.of(new StoredValue(replace.key(), replace.bytes(), revision));
            case Write.Remove _ -> Optional.empty();
          };
    };
  }

  private static boolean isAsExpected(Write write, Optional<StoredValue> current) {
    long revision = current.map(StoredValue::revision).orElse(0L);
    return switch (write) {
      case Write.Create _ -> revision == 0;
      case Write.Replace replace -> revision == replace.expectedRevision();
      case Write.Remove remove -> revision == remove.expectedRevision();
    };
  }

  /// The first that wait. A key that is in it twice waits for the next: etcd takes it once.
  private List<Waiting> next() {
    lock.lock();
    try {
      List<Waiting> group = new ArrayList<>();
      Set<String> keys = new HashSet<>();
      long bytes = 0;
      Iterator<Waiting> each = waiting.iterator();
      while (each.hasNext() && group.size() < EtcdRevisions.MOST_WRITES) {
        Waiting one = each.next();
        bytes += size(one.leased.write());
        if (!group.isEmpty() && bytes > MOST_BYTES) {
          break;
        }
        if (keys.add(one.leased.write().key())) {
          group.add(one);
          each.remove();
        }
      }
      busy = !group.isEmpty();
      group.sort(Comparator.comparing(one -> one.leased.write() instanceof Write.Remove));
      return group;
    } finally {
      lock.unlock();
    }
  }

  private static long size(Write write) {
    return switch (write) {
      case Write.Create create -> create.bytes().size();
      case Write.Replace replace -> replace.bytes().size();
      case Write.Remove _ -> 0;
    };
  }
}
