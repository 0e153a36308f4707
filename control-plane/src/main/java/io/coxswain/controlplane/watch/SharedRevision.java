package io.coxswain.controlplane.watch;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Answers many who want to know the store's revision at once with one question to the store. Each
/// gets the answer to a question that was put after they asked, so that it covers every write that
/// they may know of. Safe for use by many threads.
final class SharedRevision {

  private final LongSupplier store;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition turn = lock.newCondition();

  /// Not put yet: whoever comes now may share its answer.
  private @Nullable CompletableFuture<Long> next;

  private boolean asking;

  /// @param store asks for its revision; blocks
  SharedRevision(LongSupplier store) {
    this.store = store;
  }

  /// Blocks while the store answers.
  long revision() {
    CompletableFuture<Long> question;
    boolean first;
    lock.lock();
    try {
      first = next == null;
      question = next == null ? new CompletableFuture<>() : next;
      next = question;
      if (first) {
        while (asking) {
          turn.awaitUninterruptibly();
        }
        asking = true;
        next = null;
      }
    } finally {
      lock.unlock();
    }
    return first ? ask(question) : hear(question);
  }

  private long ask(CompletableFuture<Long> question) {
    try {
      long revision = store.getAsLong();
      question.complete(revision);
      return revision;
    } catch (RuntimeException failed) {
      question.completeExceptionally(failed);
      throw failed;
    } finally {
      lock.lock();
      try {
        asking = false;
        turn.signal();
      } finally {
        lock.unlock();
      }
    }
  }

  /// What failed for another, who may just have been interrupted, is asked again for oneself.
  private long hear(CompletableFuture<Long> question) {
    try {
      return question.join();
    } catch (CompletionException _) {
      return store.getAsLong();
    }
  }
}
