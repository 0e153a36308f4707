package io.coxswain.controlplane.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.WatchEvent;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.storage.StoreEvent;
import io.coxswain.controlplane.storage.StoredValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// The cache without a store: history, slow readers, bookmarks.
final class WatchCacheTest {

  private static final Duration NOW = Duration.ZERO;

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger decoded = new AtomicInteger();
  private boolean slow;
  private final WatchCache cache =
      new WatchCache("/registry/maps/", true, new CountingCodec(), nanos::get);

  private final class CountingCodec implements ObjectCodec {
    @Override
    public Message decode(StoredValue value) {
      decoded.incrementAndGet();
      if (value.bytes().equals(ByteString.copyFromUtf8("broken"))) {
        throw new IllegalStateException("broken");
      }
      return ConfigMap.newBuilder()
          .putData("v", value.bytes().toStringUtf8())
          .setMetadata(meta(value.revision()))
          .build();
    }

    @Override
    public Optional<Message> decodeForSelection(StoredValue value) {
      return slow ? Optional.of(ConfigMap.getDefaultInstance()) : Optional.empty();
    }

    @Override
    public Message bookmark(long revision, boolean endsInitialEvents) {
      return ConfigMap.newBuilder().setMetadata(meta(revision)).build();
    }

    private static ObjectMeta meta(long revision) {
      return ObjectMeta.newBuilder().setResourceVersion(Long.toString(revision)).build();
    }
  }

  private static StoredValue value(String name, String text, long revision) {
    return new StoredValue(
        "/registry/maps/default/" + name, ByteString.copyFromUtf8(text), revision);
  }

  private void put(String name, String text, long revision) {
    cache.apply(List.of(new StoreEvent.Put(value(name, text, revision))));
  }

  private static List<Long> revisions(CacheWatch watch) {
    List<Long> revisions = new ArrayList<>();
    for (Optional<CacheEvent> event = watch.poll(); event.isPresent(); event = watch.poll()) {
      revisions.add(event.get().revision());
    }
    return revisions;
  }

  @Test
  void readersWaitForTheFirstLoad() {
    assertThatThrownBy(() -> cache.list(Selection.ALL))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("not loaded yet");
    cache.load(List.of(), 5);
    assertThat(cache.list(Selection.ALL).revision()).isEqualTo(5);
  }

  @Test
  void nothingIsDecodedBeforeSomebodyLooks() throws InterruptedException {
    cache.load(List.of(value("a", "1", 3)), 5);
    try (CacheWatch watch = cache.watch(Selection.in("default"), 5, false)) {
      put("b", "2", 6);
      CachedObject seen = watch.next(NOW).orElseThrow().object();
      assertThat(decoded).hasValue(0);
      assertThat(seen.message()).isSameAs(seen.message());
      assertThat(decoded).hasValue(1);
    }
  }

  @Test
  void changesThatTheListHeldAlreadyAreNotTold() {
    cache.load(List.of(value("a", "1", 5)), 5);
    try (CacheWatch watch = cache.watch(Selection.ALL, 5, false)) {
      cache.apply(
          List.of(new StoreEvent.Put(value("a", "0", 4)), new StoreEvent.Put(value("a", "2", 6))));
      assertThat(revisions(watch)).containsExactly(6L);
    }
    assertThat(cache.find(new ObjectKey("default", "a")).orElseThrow().revision()).isEqualTo(6);
  }

  /// As events written together do, and what the store forgets at the same moment.
  @Test
  void whoComesBackIsToldAgainOfARevisionThatSeveralChangesShare() {
    cache.load(List.of(), 0);
    put("a", "1", 5);
    cache.apply(
        List.of(new StoreEvent.Put(value("b", "1", 6)), new StoreEvent.Put(value("c", "1", 6))));
    put("d", "1", 7);
    try (CacheWatch alone = cache.watch(Selection.ALL, 5, false);
        CacheWatch shared = cache.watch(Selection.ALL, 6, false);
        CacheWatch after = cache.watch(Selection.ALL, 7, false)) {
      assertThat(revisions(alone)).containsExactly(6L, 6L, 7L);
      assertThat(revisions(shared)).containsExactly(6L, 6L, 7L);
      assertThat(revisions(after)).isEmpty();
    }
  }

  @Test
  void aRevisionOfWhichAPartIsForgottenIsTooOld() {
    cache.load(List.of(), 0);
    cache.apply(
        List.of(new StoreEvent.Put(value("a", "1", 6)), new StoreEvent.Put(value("b", "1", 6))));
    for (int i = 0; i < 63; i++) {
      put("c", "1", 7 + i);
    }
    nanos.addAndGet(Duration.ofMinutes(2).toNanos());
    cache.prune(); // all but 64
    assertThatThrownBy(() -> cache.watch(Selection.ALL, 6, false))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("too old resource version: 6 (7)");
    try (CacheWatch watch = cache.watch(Selection.ALL, 7, false)) {
      assertThat(revisions(watch)).hasSize(62);
    }
  }

  @Test
  void aSlowReaderCatchesUpFromHistory() {
    cache.load(List.of(), 0);
    try (CacheWatch watch = cache.watch(Selection.ALL, 0, false)) {
      assertThat(watch.poll()).isEmpty();
      for (long revision = 1; revision <= 3000; revision++) {
        put("a", "x", revision);
      }
      List<Long> seen = revisions(watch);
      assertThat(seen).hasSize(3000).isSorted().doesNotHaveDuplicates();
      put("a", "y", 3001);
      assertThat(revisions(watch)).containsExactly(3001L);
    }
  }

  @Test
  void aReaderThatHistoryHasOutrunIsCutOff() {
    cache.load(List.of(), 0);
    try (CacheWatch watch = cache.watch(Selection.ALL, 0, false)) {
      assertThat(watch.poll()).isEmpty();
      for (long revision = 1; revision <= 20_000; revision++) {
        put("a", "x", revision);
      }
      assertThatThrownBy(() -> revisions(watch))
          .isInstanceOfSatisfying(
              ApiException.class, refusal -> assertThat(refusal.isExpired()).isTrue());
    }
    assertThatThrownBy(() -> cache.watch(Selection.ALL, 100, false))
        .isInstanceOfSatisfying(
            ApiException.class, refusal -> assertThat(refusal.isExpired()).isTrue());
    cache.watch(Selection.ALL, 19_000, false).close();
  }

  @Test
  void aReloadEndsWatches() {
    cache.load(List.of(), 5);
    try (CacheWatch watch = cache.watch(Selection.ALL, 5, false)) {
      assertThat(watch.poll()).isEmpty();
      cache.load(List.of(value("a", "1", 9)), 9);
      assertThatThrownBy(watch::poll)
          .isInstanceOfSatisfying(
              ApiException.class, refusal -> assertThat(refusal.isExpired()).isTrue());
    }
    assertThat(cache.watchers()).isZero();
  }

  @Test
  void oldHistoryIsForgottenButForALittle() {
    cache.load(List.of(), 0);
    for (long revision = 1; revision <= 1000; revision++) {
      put("a", "x", revision);
    }
    nanos.addAndGet(Duration.ofMinutes(5).toNanos());
    cache.prune();
    assertThatThrownBy(() -> cache.watch(Selection.ALL, 900, false))
        .isInstanceOf(ApiException.class);
    try (CacheWatch watch = cache.watch(Selection.ALL, 950, false)) {
      assertThat(revisions(watch)).hasSize(50);
    }
  }

  @Test
  void aReaderIsToldHowFarItHasCome() throws InterruptedException {
    cache.load(List.of(), 5);
    try (CacheWatch watch = cache.watch(Selection.ALL, 5, true)) {
      assertThat(watch.next(NOW)).isEmpty();
      cache.progress(42);
      nanos.addAndGet(Duration.ofSeconds(61).toNanos());
      CacheEvent bookmark = watch.next(NOW).orElseThrow();
      assertThat(bookmark.type()).isEqualTo(WatchEvent.Type.BOOKMARK);
      assertThat(bookmark.revision()).isEqualTo(42);
      assertThat(watch.next(NOW)).isEmpty();
    }
  }

  @Test
  void noBookmarkOvertakesAnEvent() {
    cache.load(List.of(), 5);
    try (CacheWatch watch = cache.watch(Selection.ALL, 5, true)) {
      assertThat(watch.poll()).isEmpty();
      put("a", "1", 6);
      cache.progress(7);
      nanos.addAndGet(Duration.ofSeconds(61).toNanos());
      assertThat(watch.poll().orElseThrow().revision()).isEqualTo(6);
      assertThat(watch.poll().orElseThrow().type()).isEqualTo(WatchEvent.Type.BOOKMARK);
    }
  }

  @Test
  void whatCannotBeReadDoesNotStopOthers() {
    cache.load(List.of(), 0);
    Selection looking = new Selection("", "", List.of(message -> true));
    try (CacheWatch watch = cache.watch(looking, 0, false)) {
      assertThat(watch.poll()).isEmpty();
      put("a", "broken", 1);
      put("b", "fine", 2);
      assertThat(revisions(watch)).containsExactly(2L);
    }
  }

  /// Whoever makes the message may be slow: the cache, which all wait for, must not ask for it.
  @Test
  void aReaderItselfWaitsForWhatTakesItsTime() {
    slow = true;
    cache.load(List.of(), 0);
    Selection ofOnes =
        new Selection(
            "", "", List.of(), List.of(m -> ((ConfigMap) m).getDataOrThrow("v").equals("1")));
    try (CacheWatch watch = cache.watch(ofOnes, 0, true)) {
      assertThat(watch.poll()).isEmpty();
      put("a", "1", 1);
      put("b", "2", 2);
      put("a", "2", 3);
      cache.progress(3);
      assertThat(decoded).hasValue(0);
      assertThat(watch.bookmark()).isEmpty();

      CacheEvent added = watch.poll().orElseThrow();
      assertThat(added.type()).isEqualTo(WatchEvent.Type.ADDED);
      assertThat(added.revision()).isEqualTo(1);
      assertThat(watch.poll().orElseThrow().type()).isEqualTo(WatchEvent.Type.DELETED);
      assertThat(watch.poll()).isEmpty();
      assertThat(watch.bookmark().orElseThrow().revision()).isEqualTo(3);
    }
  }

  @Test
  void aNamespaceIsNotAPrefixOfAnother() {
    cache.load(List.of(value("a", "1", 1)), 1);
    cache.apply(
        List.of(
            new StoreEvent.Put(
                new StoredValue("/registry/maps/default-2/a", ByteString.EMPTY, 2))));
    assertThat(cache.list(Selection.in("default")).objects()).hasSize(1);
    assertThat(cache.list(Selection.in("default-2")).objects()).hasSize(1);
    assertThat(cache.list(Selection.ALL).objects()).hasSize(2);
  }

  @Test
  void whatASinkTakesAndWhatItsReaderReadsIsAllInOrder() {
    cache.load(List.of(), 0);
    List<Long> got = new CopyOnWriteArrayList<>();
    AtomicInteger taken = new AtomicInteger();
    EventSink sink =
        event -> {
          boolean takes = event.revision() % 3 != 0;
          if (takes) {
            taken.incrementAndGet();
            got.add(event.revision());
          }
          return takes;
        };
    AtomicLong last = new AtomicLong();
    try (CacheWatch watch = cache.watch(Selection.ALL, 0, false)) {
      CompletableFuture<Void> reader =
          CompletableFuture.runAsync(() -> {
            try {
              for (long read = 0; read != 999; ) {
                read = watch.next(Duration.ofHours(1), sink).orElseThrow().revision();
                got.add(read);
              }
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      Awaitility.await()
          .until(() -> {
            if (last.get() < 900) {
              put("a", "x", last.incrementAndGet());
            }
            return taken.get() > 10;
          });
      while (last.get() < 999) {
        put("a", "x", last.incrementAndGet());
      }
      assertThat(reader).succeedsWithin(Duration.ofSeconds(20));
    }
    assertThat(got).containsExactlyElementsOf(LongStream.rangeClosed(1, 999).boxed().toList());
  }

  @Test
  void whatWasAnnouncedIsNotDecoded() throws InterruptedException {
    cache.load(List.of(), 0);
    ObjectKey key = new ObjectKey("default", "a");
    for (boolean answeredFirst : List.of(true, false)) {
      long revision = answeredFirst ? 1 : 2;
      Message sent = ConfigMap.newBuilder().putData("v", "r" + revision).build();
      StoredValue stored = value("a", "r" + revision, revision);
      try (CacheWatch watch = cache.watch(Selection.ALL, revision - 1, false)) {
        WatchCache.Announced announced = cache.announce(key, stored.key(), stored.bytes(), sent);
        if (!answeredFirst) {
          cache.apply(List.of(new StoreEvent.Put(stored)));
        }
        CachedObject answer = announced.written(revision);
        assertThat(cache.holding(key, stored.key(), answer.message())).containsSame(answer);
        if (answeredFirst) {
          cache.apply(List.of(new StoreEvent.Put(stored)));
        }
        assertThat(watch.next(NOW).orElseThrow().object()).isSameAs(answer);
        assertThat(cache.find(key)).containsSame(answer);
        assertThat(ObjectMetas.read(answer.message()).getResourceVersion())
            .isEqualTo(Long.toString(revision));
      }
    }
    assertThat(decoded).hasValue(0);
  }

  @Test
  void whatSomebodyElseWroteIsDecodedThoughAnotherWriteWasAnnounced() {
    cache.load(List.of(), 0);
    ObjectKey key = new ObjectKey("default", "a");
    StoredValue theirs = value("a", "theirs", 1);
    WatchCache.Announced announced =
        cache.announce(
            key, theirs.key(), ByteString.copyFromUtf8("mine"), ConfigMap.getDefaultInstance());
    cache.apply(List.of(new StoreEvent.Put(theirs)));
    announced.forget(); // theirs was first
    assertThat(((ConfigMap) cache.find(key).orElseThrow().message()).getDataOrThrow("v"))
        .isEqualTo("theirs");
  }

  /// Random changes; then each state that there was is told again, from each key on.
  @Test
  void theStateAtARevisionIsTheOneThatThereWas() {
    Random random = new Random(7);
    cache.load(List.of(), 0);
    NavigableMap<String, Long> state = new TreeMap<>();
    Map<Long, NavigableMap<String, Long>> states = new HashMap<>();
    long revision = 0;
    for (int i = 0; i < 300; i++) {
      // several changes share a revision, as in one transaction
      revision++;
      List<StoreEvent> events = new ArrayList<>();
      for (int j = random.nextInt(3); j >= 0; j--) {
        String key =
            "/registry/maps/"
                + (random.nextBoolean() ? "default" : "other")
                + "/m"
                + random.nextInt(20);
        if (random.nextInt(3) == 0) {
          events.add(new StoreEvent.Removed(key, revision));
          state.remove(key);
        } else {
          events.add(
              new StoreEvent.Put(new StoredValue(key, ByteString.copyFromUtf8("x"), revision)));
          state.put(key, revision);
        }
      }
      cache.apply(events);
      states.put(revision, new TreeMap<>(state));
    }
    for (var then : states.entrySet()) {
      String after = "/registry/maps/default/m" + random.nextInt(25);
      assertThat(told("default", after, then.getKey()))
          .isEqualTo(
              then.getValue().subMap(after, false, "/registry/maps/default0", false).toString());
      assertThat(told("", "/registry/maps/", then.getKey())).isEqualTo(then.getValue().toString());
    }
  }

  private String told(String namespace, String after, long revision) {
    NavigableMap<String, Long> told = new TreeMap<>();
    Snapshot snapshot = cache.candidates(namespace, after, revision).orElseThrow();
    assertThat(snapshot.revision()).isEqualTo(revision);
    assertThat(snapshot.objects()).extracting(object -> object.stored().key()).isSorted();
    snapshot.objects().forEach(object -> told.put(object.stored().key(), object.revision()));
    return told.toString();
  }

  @Test
  void aStateBeforeWhatIsRememberedOrAfterWhatIsKnownIsNotTold() {
    String beginning = "/registry/maps/default/";
    cache.load(List.of(value("a", "1", 5)), 5);
    put("a", "2", 6);

    assertThat(cache.candidates("default", beginning, 4)).isEmpty();
    assertThat(cache.candidates("default", beginning, 5)).isPresent();
    assertThat(cache.candidates("default", beginning, 7)).isEmpty();
    cache.load(List.of(value("a", "3", 8)), 8);
    assertThat(cache.candidates("default", beginning, 6)).isEmpty();
    assertThat(cache.candidates("default", beginning, 8)).isPresent();
  }
}
