package io.coxswain.controlplane.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.storage.ListRange;
import io.coxswain.controlplane.storage.MemoryStore;
import io.coxswain.controlplane.storage.Store;
import io.coxswain.controlplane.storage.StoreException;
import io.coxswain.controlplane.storage.StorePage;
import io.coxswain.controlplane.storage.StoreWatch;
import io.coxswain.controlplane.storage.StoredValue;
import io.coxswain.controlplane.storage.Write;
import io.coxswain.controlplane.storage.WriteResult;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The caches and a store that fails in every way it may.
final class ReflectorTest {

  private static final Duration SOON = Duration.ofSeconds(10);

  private final AtomicLong nanos = new AtomicLong();
  private final FailingStore store = new FailingStore();
  private final Reflector reflector = new Reflector(store, "/registry/", nanos::get);
  private final WatchCache cache =
      new WatchCache("/registry/maps/", true, new PlainCodec(), nanos::get);

  @AfterEach
  void stop() {
    reflector.close();
  }

  /// A memory store whose calls and watches fail when told to.
  private static final class FailingStore implements Store {
    final MemoryStore inner = new MemoryStore();
    final AtomicBoolean down = new AtomicBoolean();
    final AtomicBoolean forgetful = new AtomicBoolean();
    final AtomicBoolean busy = new AtomicBoolean();

    private void check() {
      if (down.get()) {
        throw new StoreException.Unavailable("down", null);
      }
    }

    @Override
    public Optional<StoredValue> find(String key) {
      check();
      return inner.find(key);
    }

    @Override
    public StorePage list(ListRange range) {
      check();
      return inner.list(range);
    }

    @Override
    public WriteResult write(Write write) {
      check();
      return inner.write(write);
    }

    @Override
    public long revision() {
      check();
      return inner.revision();
    }

    @Override
    public StoreWatch watch(String prefix, long afterRevision) {
      StoreWatch watch = inner.watch(prefix, afterRevision);
      return new StoreWatch() {
        @Override
        public Batch next(Duration patience) throws InterruptedException {
          Batch batch = watch.next(Duration.ofMillis(5));
          while (busy.get() && batch.events().isEmpty()) {
            batch = watch.next(Duration.ofMillis(5));
          }
          if (forgetful.getAndSet(false)) {
            throw new StoreException.Compacted("forgotten");
          }
          return batch;
        }

        @Override
        public void close() {
          watch.close();
        }
      };
    }

    @Override
    public void compact(long revision) {
      inner.compact(revision);
    }

    @Override
    public void close() {
      inner.close();
    }
  }

  private static final class PlainCodec implements ObjectCodec {
    @Override
    public Message decode(StoredValue value) {
      return ConfigMap.newBuilder().putData("v", value.bytes().toStringUtf8()).build();
    }

    @Override
    public Message bookmark(long revision, boolean endsInitialEvents) {
      return ConfigMap.newBuilder()
          .setMetadata(ObjectMeta.newBuilder().setResourceVersion(Long.toString(revision)))
          .build();
    }
  }

  private long put(String name) {
    WriteResult made =
        store.inner.write(
            new Write.Create("/registry/maps/default/" + name, ByteString.copyFromUtf8(name)));
    return ((WriteResult.Done) made).revision();
  }

  private void start() {
    reflector.add(cache);
    reflector.start();
    assertThat(reflector.await(1, SOON)).isTrue();
  }

  @Test
  void whatWasThereIsLoadedInPages() {
    for (int i = 0; i < 2500; i++) {
      put("a" + i);
    }
    start();
    assertThat(cache.size()).isEqualTo(2500);
  }

  @Test
  void aStoreThatIsDownAtTheStartIsWaitedFor() {
    put("a");
    store.down.set(true);
    reflector.add(cache);
    reflector.start();
    assertThat(reflector.await(1, Duration.ofMillis(300))).isFalse();
    store.down.set(false);
    assertThat(reflector.await(1, SOON)).isTrue();
    assertThat(cache.size()).isEqualTo(1);
  }

  @Test
  void aFreshReadSeesWhatWasAnswered() {
    start();
    for (int i = 0; i < 100; i++) {
      put("a" + i);
      reflector.awaitFresh(SOON);
      assertThat(cache.size()).isEqualTo(i + 1);
    }
  }

  @Test
  void whatIsOldIsForgottenAlsoWhereThereIsAlwaysNews() {
    start();
    store.busy.set(true);
    for (int i = 0; i < 200; i++) {
      put("a" + i);
    }
    reflector.awaitFresh(SOON);
    cache.watch(Selection.ALL, 1, false).close();
    nanos.addAndGet(Duration.ofMinutes(2).toNanos());
    put("b");
    reflector.awaitFresh(SOON);
    assertThatThrownBy(() -> cache.watch(Selection.ALL, 1, false))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("too old resource version");
  }

  @Test
  void afterALossEverythingIsListedAndWatchersListAgain() throws InterruptedException {
    put("a");
    start();
    try (CacheWatch watch = cache.watch(Selection.ALL, cache.revision(), false)) {
      assertThat(watch.poll()).isEmpty();
      store.forgetful.set(true);
      assertThatThrownBy(
              () -> {
                Optional<CacheEvent> event = watch.next(SOON);
                throw new AssertionError("told " + event);
              })
          .isInstanceOfSatisfying(
              ApiException.class, refusal -> assertThat(refusal.isExpired()).isTrue());
    }
    put("b");
    reflector.awaitFresh(SOON);
    assertThat(cache.list(Selection.ALL).objects()).hasSize(2);
  }

  @Test
  void aStoreThatIsDownMakesFreshReadsUnavailable() {
    start();
    store.down.set(true);
    assertThatThrownBy(() -> reflector.awaitFresh(SOON))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("does not answer");
  }

  @Test
  void aKindCanComeLater() {
    put("a");
    reflector.start();
    assertThat(reflector.await(1, SOON)).isTrue();
    reflector.add(cache);
    assertThat(cache.size()).isEqualTo(1);
    put("b");
    reflector.awaitFresh(SOON);
    assertThat(cache.size()).isEqualTo(2);
  }
}
