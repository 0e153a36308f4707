package io.coxswain.controlplane.storage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// Joins writes that come at the same time into one transaction: while one is under way, those that
/// come gather for the next. Nobody waits for others to come: who comes alone goes alone, at once.
/// A transaction costs the store about the same whatever it holds, one sync above all.
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
    try {
      return commit.apply(List.of(leased)).getFirst();
    } finally {
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
        List<WriteResult> results = commit.apply(group.stream().map(Waiting::leased).toList());
        for (int i = 0; i < group.size(); i++) {
          group.get(i).made.complete(results.get(i));
        }
      } catch (RuntimeException | Error failed) {
        group.forEach(one -> one.made.completeExceptionally(failed));
      }
    }
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
