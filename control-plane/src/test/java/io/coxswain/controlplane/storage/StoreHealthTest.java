package io.coxswain.controlplane.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StoreHealthTest {

  private final AtomicLong now = new AtomicLong();
  private final AskedStore store = new AskedStore();
  private final StoreHealth health = new StoreHealth(store, now::get);

  /// Counts how often it was asked for its revision, and answers when it is let.
  private static final class AskedStore implements Store {
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean lost;
    private volatile CountDownLatch held = new CountDownLatch(0);

    @Override
    public long revision() {
      asked.incrementAndGet();
      try {
        held.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (lost) {
        throw new StoreException.Unavailable("no member answers", new IllegalStateException());
      }
      return 7;
    }

    @Override
    public Optional<StoredValue> find(String key) {
      throw new UnsupportedOperationException();
    }

    @Override
    public StorePage list(ListRange range) {
      throw new UnsupportedOperationException();
    }

    @Override
    public WriteResult write(Write write) {
      throw new UnsupportedOperationException();
    }

    @Override
    public StoreWatch watch(String prefix, long afterRevision) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void compact(long revision) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  @Test
  void anAnswerIsGoodForAMoment() {
    assertThat(health.answers()).isTrue();
    store.lost = true;
    assertThat(health.answers()).isTrue();
    assertThat(store.asked).hasValue(1);

    now.addAndGet(Duration.ofSeconds(2).toNanos());
    assertThat(health.answers()).isFalse();
    store.lost = false;
    now.addAndGet(Duration.ofSeconds(2).toNanos());
    assertThat(health.answers()).isTrue();
  }

  @Test
  void manyWhoAskAStoreThatHangsAskOnce() {
    store.held = new CountDownLatch(1);
    List<CompletableFuture<Boolean>> askers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      askers.add(
          CompletableFuture.supplyAsync(health::answers, task -> Thread.ofVirtual().start(task)));
    }
    await().until(() -> store.asked.get() == 1);
    now.addAndGet(Duration.ofSeconds(5).toNanos());
    store.held.countDown();

    assertThat(askers).allSatisfy(asker -> assertThat(asker.join()).isTrue());
    assertThat(store.asked.get()).isLessThanOrEqualTo(2);
  }
}
