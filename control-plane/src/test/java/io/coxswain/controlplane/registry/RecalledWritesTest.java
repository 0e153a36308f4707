package io.coxswain.controlplane.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Patch;
import io.coxswain.controlplane.storage.ListRange;
import io.coxswain.controlplane.storage.MemoryStore;
import io.coxswain.controlplane.storage.Store;
import io.coxswain.controlplane.storage.StorePage;
import io.coxswain.controlplane.storage.StoreWatch;
import io.coxswain.controlplane.storage.StoredValue;
import io.coxswain.controlplane.storage.Write;
import io.coxswain.controlplane.storage.WriteResult;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Writes that are computed on the version in the cache, and what they do when that is old.
final class RecalledWritesTest {

  /// Counts what is read, and keeps its events to itself while it is told so.
  private static final class HeldStore implements Store {

    private final MemoryStore inner = new MemoryStore();
    private final AtomicInteger reads = new AtomicInteger();
    private volatile CountDownLatch gate = new CountDownLatch(0);

    void hold() {
      gate = new CountDownLatch(1);
    }

    @Override
    public Optional<StoredValue> find(String key) {
      reads.incrementAndGet();
      return inner.find(key);
    }

    @Override
    public StorePage list(ListRange range) {
      return inner.list(range);
    }

    @Override
    public WriteResult write(Write write) {
      return inner.write(write);
    }

    @Override
    public long revision() {
      return inner.revision();
    }

    @Override
    public StoreWatch watch(String prefix, long afterRevision) {
      StoreWatch watch = inner.watch(prefix, afterRevision);
      return new StoreWatch() {
        @Override
        public Batch next(Duration patience) throws InterruptedException {
          Batch batch = watch.next(patience);
          gate.await();
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

  private final HeldStore store = new HeldStore();
  private final TestRegistry api = new TestRegistry(store, new BareRules());

  RecalledWritesTest() {
    var _ =
        api.create(
            Namespace.newBuilder().setMetadata(ObjectMeta.newBuilder().setName("default")).build());
  }

  @AfterEach
  void close() {
    store.gate.countDown();
    api.close();
  }

  /// One that the cache has, and whose changes it does not hear of.
  private ConfigMap remembered() {
    ConfigMap made = api.create(RegistryTest.map("a").build());
    var _ = api.registry.read(TestRegistry.target(made), made.getMetadata().getResourceVersion());
    store.hold();
    store.reads.set(0);
    return made;
  }

  private static long version(ConfigMap map) {
    return Long.parseLong(map.getMetadata().getResourceVersion());
  }

  private static ConfigMap with(ConfigMap map, String value) {
    return map.toBuilder().putData("k", value).build();
  }

  private static void refused(ThrowingCallable call, Class<? extends ApiError> why) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(call)
        .satisfies(refusal -> assertThat(refusal.error()).isInstanceOf(why));
  }

  @Test
  void theStoreIsNotAskedForAVersionThatIsAtHand() {
    ConfigMap first = remembered();

    ConfigMap second = api.update(with(first, "2"));

    assertThat(version(second)).isGreaterThan(version(first));
    assertThat(store.reads).hasValue(0);
    assertThat(api.read(first)).isEqualTo(second);
  }

  @Test
  void whatNamesAVersionThatIsOldByNowIsAConflict() {
    ConfigMap first = remembered();
    ConfigMap second = api.update(with(first, "2"));

    refused(() -> api.update(with(first, "3")), ApiError.Conflict.class);
    assertThat(api.read(first)).isEqualTo(second);
  }

  @Test
  void whatNamesAVersionThatTheCacheHasNotHeardOfIsWritten() {
    ConfigMap second = api.update(with(remembered(), "2"));

    ConfigMap third = api.update(with(second, "3"));

    assertThat(api.read(third)).isEqualTo(third);
    assertThat(third.getDataMap()).containsEntry("k", "3");
  }

  @Test
  void whatNamesNoVersionIsComputedAgainOnTheNewest() {
    ConfigMap first = remembered();
    var _ = api.update(with(first, "2"));

    // Nothing new by the cache, yet a change of what is stored.
    ConfigMap third = api.update(RegistryTest.map("a").build());

    assertThat(third.getDataMap()).isEqualTo(first.getDataMap());
    assertThat(api.read(third)).isEqualTo(third);
  }

  @Test
  void whatIsGoneIsNotFound() {
    ConfigMap first = remembered();
    var _ = api.delete(first);

    refused(() -> api.update(with(first, "2")), ApiError.NotFound.class);
  }

  @Test
  void whatCameInItsPlaceCountsAndNotWhatIsRemembered() {
    ConfigMap first = remembered();
    var _ = api.delete(first);
    ConfigMap next = api.create(RegistryTest.map("a").putData("k", "2").build());

    ConfigMap changed = api.update(with(next, "3"));

    assertThat(changed.getMetadata().getUid()).isNotEqualTo(first.getMetadata().getUid());
    assertThat(api.read(changed)).isEqualTo(changed);
  }

  private ConfigMap patched(ConfigMap map, String value) {
    Patch patch = new Patch(Patch.Type.MERGE, "{\"data\":{\"k\":\"" + value + "\"}}");
    return (ConfigMap)
        api.registry.patch(TestRegistry.target(map), patch, WriteOptions.DEFAULT).object();
  }

  @Test
  void aPatchOfAVersionThatIsAtHandAsksNobody() {
    ConfigMap first = remembered();

    ConfigMap second = patched(first, "2");

    assertThat(version(second)).isGreaterThan(version(first));
    assertThat(store.reads).hasValue(0);
  }

  @Test
  void aPatchThatTheCacheSeesNoUseForIsMadeOfWhatIsStored() {
    ConfigMap first = remembered();
    ConfigMap second = patched(first, "2");
    var _ = patched(second, "3");

    ConfigMap fourth = patched(first, "2");

    assertThat(fourth.getDataMap()).containsEntry("k", "2");
    assertThat(api.read(fourth)).isEqualTo(fourth);
  }

  @Test
  void aDeletionOfAVersionThatIsAtHandAsksNobody() {
    ConfigMap first = remembered();

    var _ = api.delete(first);

    assertThat(store.reads).hasValue(0);
    refused(() -> api.read(first), ApiError.NotFound.class);
  }

  @Test
  void aDeletionTakesWhatCameInItsPlace() {
    ConfigMap first = remembered();
    ConfigMap second = api.update(with(first, "2"));

    var _ = api.delete(second);

    refused(() -> api.read(second), ApiError.NotFound.class);
  }

  @Test
  void aReaderSeesWhatTheCacheHasNotHeardOf() {
    ConfigMap second = api.update(with(remembered(), "2"));

    assertThat(api.read(second)).isEqualTo(second);
  }
}
