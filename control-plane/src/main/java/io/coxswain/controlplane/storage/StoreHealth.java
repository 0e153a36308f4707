package io.coxswain.controlplane.storage;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether the store answers, for who asks often: one question is under way at a time, whoever asks
/// meanwhile shares its answer, and an answer is good for a moment.
public final class StoreHealth {

  private static final Logger LOG = LoggerFactory.getLogger(StoreHealth.class);

  /// Long for a store that is well, short for a load balancer that waits.
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final Duration GOOD_FOR = Duration.ofSeconds(1);

  private final Store store;
  private final LongSupplier nanos;
  private @Nullable CompletableFuture<Boolean> asked;
  private long askedAt;

  /// @param nanos a clock that only goes forward
  public StoreHealth(Store store, LongSupplier nanos) {
    this.store = store;
    this.nanos = nanos;
  }

  /// Blocks, 2 s at most.
  public boolean answers() {
    try {
      return question().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.warn("The store has not answered for {} s", PATIENCE.toSeconds());
      return false;
    } catch (ExecutionException e) {
      LOG.warn("The store does not answer: {}", e.getCause() == null ? e : e.getCause().toString());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private synchronized CompletableFuture<Boolean> question() {
    CompletableFuture<Boolean> last = asked;
    boolean old = nanos.getAsLong() - askedAt > GOOD_FOR.toNanos();
    // One that was not answered yet is waited for, or a store that is gone would gather questions.
    if (last != null && !(last.isDone() && old)) {
      return last;
    }
    CompletableFuture<Boolean> next = new CompletableFuture<>();
    asked = next;
    askedAt = nanos.getAsLong();
    Thread.ofVirtual().name("store-health").start(() -> ask(next));
    return next;
  }

  private void ask(CompletableFuture<Boolean> answer) {
    try {
      answer.complete(store.revision() >= 0);
    } catch (StoreException e) {
      answer.completeExceptionally(e);
    }
  }
}
