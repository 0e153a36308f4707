package io.coxswain.controlplane.storage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// Joins writes that come at the same time into one transaction: while one is under way, those that
/// come gather for the next. Nobody waits for others to come.
///
/// For news, as events are, which come many at a time: a transaction costs the store about the same
/// whatever it holds. All of one have the same revision, so a reader who resumes at it must be told
/// of all of them again; other writes go alone for that reason.
final class WriteGroups {

  private static final int MOST = 32;

  /// Well below what etcd takes at once.
  private static final long MOST_BYTES = 256 * 1024;

  private record Waiting(Write write, CompletableFuture<OptionalLong> made) {}

  private final Function<List<Write>, OptionalLong> commit;
  private final ReentrantLock lock = new ReentrantLock();
  // As many as there are callers, who wait.
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private boolean busy;

  /// @param commit makes all of the writes, whose keys differ, or none; nothing when the keys were
  ///   not as expected. Blocks.
  WriteGroups(Function<List<Write>, OptionalLong> commit) {
    this.commit = commit;
  }

  /// Blocks until the write is made.
  ///
  /// @return the revision; nothing when a group that this was in was refused, for its own sake or
  ///   for another's: then it is to be tried alone
  /// @throws RuntimeException what `commit` threw
  /// @throws InterruptedException with the write made or not
  OptionalLong write(Write write) throws InterruptedException {
    Waiting mine = new Waiting(write, new CompletableFuture<>());
    boolean first;
    lock.lock();
    try {
      waiting.add(mine);
      first = !busy;
      busy = true;
    } finally {
      lock.unlock();
    }
    if (first) {
      Thread.ofVirtual().name("write-groups").start(this::work);
    }
    try {
      return mine.made.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failed) {
        throw failed;
      }
      throw new IllegalStateException("write " + write.key(), e.getCause());
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

  private void work() {
    for (List<Waiting> group = next(); !group.isEmpty(); group = next()) {
      try {
        OptionalLong revision = commit.apply(group.stream().map(Waiting::write).toList());
        group.forEach(one -> one.made.complete(revision));
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
      while (each.hasNext() && group.size() < MOST) {
        Waiting one = each.next();
        bytes += size(one.write);
        if (!group.isEmpty() && bytes > MOST_BYTES) {
          break;
        }
        if (keys.add(one.write.key())) {
          group.add(one);
          each.remove();
        }
      }
      busy = !group.isEmpty();
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
