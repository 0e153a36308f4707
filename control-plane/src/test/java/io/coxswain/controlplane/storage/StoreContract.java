package io.coxswain.controlplane.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.Condition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every [Store] promises. Implementations share one store between tests: each test has a
/// prefix of its own.
public abstract class StoreContract {

  private static final Duration SOON = Duration.ofSeconds(10);

  private Store store;
  private String prefix;

  protected abstract Store store();

  @BeforeEach
  void ownPrefix() {
    store = store();
    prefix = "/test/" + UUID.randomUUID() + "/";
  }

  static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private long create(String name, String value) {
    return done(store.write(new Write.Create(prefix + name, bytes(value))));
  }

  private long replace(String name, String value, long expected) {
    return done(store.write(new Write.Replace(prefix + name, bytes(value), expected)));
  }

  private long remove(String name, long expected) {
    return done(store.write(new Write.Remove(prefix + name, expected)));
  }

  static long done(WriteResult result) {
    assertThat(result).isInstanceOf(WriteResult.Done.class);
    return ((WriteResult.Done) result).revision();
  }

  @Test
  void whatWasCreatedIsFoundAtItsRevision() {
    assertThat(store.find(prefix + "a")).isEmpty();
    long revision = create("a", "1");

    assertThat(store.find(prefix + "a"))
        .contains(new StoredValue(prefix + "a", bytes("1"), revision));
    assertThat(store.revision()).isGreaterThanOrEqualTo(revision);
  }

  @Test
  void aKeyIsCreatedOnce() {
    long revision = create("a", "1");

    assertThat(store.write(new Write.Create(prefix + "a", bytes("2"))))
        .isEqualTo(
            new WriteResult.Refused(
                Optional.of(new StoredValue(prefix + "a", bytes("1"), revision))));
  }

  @Test
  void aReplaceNamesTheRevisionThatItReplaces() {
    long first = create("a", "1");
    long second = replace("a", "2", first);

    assertThat(second).isGreaterThan(first);
    assertThat(store.write(new Write.Replace(prefix + "a", bytes("3"), first)))
        .isEqualTo(
            new WriteResult.Refused(
                Optional.of(new StoredValue(prefix + "a", bytes("2"), second))));
    assertThat(store.write(new Write.Replace(prefix + "none", bytes("3"), first)))
        .isEqualTo(new WriteResult.Refused(Optional.empty()));
  }

  @Test
  void aRemoveNamesTheRevisionThatItRemoves() {
    long first = create("a", "1");
    long second = replace("a", "2", first);

    assertThat(store.write(new Write.Remove(prefix + "a", first)))
        .isInstanceOf(WriteResult.Refused.class);
    long removed = remove("a", second);

    assertThat(removed).isGreaterThan(second);
    assertThat(store.find(prefix + "a")).isEmpty();
    assertThat(store.write(new Write.Remove(prefix + "a", second)))
        .isEqualTo(new WriteResult.Refused(Optional.empty()));
  }

  @Test
  void aListIsOrderedAndHoldsOnlyItsPrefix() {
    create("b", "2");
    create("a/x", "1");
    long last = create("c", "3");
    store.write(new Write.Create(prefix.substring(0, prefix.length() - 1) + "0", bytes("beside")));

    StorePage page = store.list(ListRange.of(prefix));

    assertThat(page.values())
        .extracting(StoredValue::key)
        .containsExactly(prefix + "a/x", prefix + "b", prefix + "c");
    assertThat(page.revision()).isGreaterThanOrEqualTo(last);
    assertThat(page.remaining()).isZero();
  }

  @Test
  void pagesOfOneRevisionAreOneSnapshot() {
    List<Long> revisions = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      revisions.add(create("key" + i, "old"));
    }
    StorePage first = store.list(ListRange.of(prefix).page("", 3));
    replace("key5", "new", revisions.get(5));
    remove("key6", revisions.get(6));
    create("key9", "late");

    StorePage second =
        store.list(ListRange.of(prefix).at(first.revision()).page(prefix + "key2", 3));
    StorePage third =
        store.list(ListRange.of(prefix).at(first.revision()).page(prefix + "key5", 3));

    assertThat(first.remaining()).isEqualTo(4);
    assertThat(second.remaining()).isEqualTo(1);
    assertThat(second.values()).extracting(StoredValue::bytes).containsOnly(bytes("old"));
    assertThat(third.values()).extracting(StoredValue::key).containsExactly(prefix + "key6");
    assertThat(third.remaining()).isZero();
    assertThat(second.revision()).isEqualTo(first.revision());
  }

  @Test
  void aListLongerThanAPageIsWhole() {
    for (int i = 0; i < 2100; i++) {
      create("key%05d".formatted(i), "x");
    }
    assertThat(store.list(ListRange.of(prefix)).values()).hasSize(2100);
  }

  @Test
  void aWatchTellsEveryChangeInOrder() throws InterruptedException {
    long start = store.revision();
    long created = create("a", "1");
    try (StoreWatch watch = store.watch(prefix, start)) {
      long replaced = replace("a", "2", created);
      long removed = remove("a", replaced);

      assertThat(read(watch, 3))
          .containsExactly(
              new StoreEvent.Put(new StoredValue(prefix + "a", bytes("1"), created)),
              new StoreEvent.Put(new StoredValue(prefix + "a", bytes("2"), replaced)),
              new StoreEvent.Removed(prefix + "a", removed));
    }
  }

  @Test
  void aWatchBeginsBehindItsRevision() throws InterruptedException {
    create("a", "1");
    long second = create("b", "2");
    long third = create("c", "3");
    try (StoreWatch watch = store.watch(prefix, second)) {
      assertThat(read(watch, 1))
          .containsExactly(new StoreEvent.Put(new StoredValue(prefix + "c", bytes("3"), third)));
    }
  }

  @Test
  void aWatchWithoutChangesIsPatientAndThenEmpty() throws InterruptedException {
    long revision = create("a", "1");
    try (StoreWatch watch = store.watch(prefix, revision)) {
      assertThat(watch.next(Duration.ofMillis(50)).events()).isEmpty();
    }
  }

  @Test
  void closingAWatchEndsItsReader() throws Exception {
    StoreWatch watch = store.watch(prefix, store.revision());
    try (ExecutorService reader = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> read =
          reader.submit(() -> {
            while (true) {
              var _ = watch.next(SOON);
            }
          });
      watch.close();
      assertThatThrownBy(read::get).hasCauseInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void whatIsWrittenAtOnceIsEachMadeOrRefusedByItself() throws Exception {
    Duration hour = Duration.ofHours(1);
    long taken = done(store.write(new Write.Create(prefix + "7", bytes("taken"), hour)));
    int writers = 100;
    List<WriteResult> results = new ArrayList<>();
    try (StoreWatch watch = store.watch(prefix, taken);
        ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<WriteResult>> tasks = new ArrayList<>();
      for (int i = 0; i < writers; i++) {
        // 50 is written by nobody, 49 by two
        String name = Integer.toString(i == 50 ? 49 : i);
        tasks.add(() -> store.write(new Write.Create(prefix + name, bytes(name), hour)));
      }
      for (Future<WriteResult> task : pool.invokeAll(tasks)) {
        results.add(task.get());
      }

      assertThat(results.get(7))
          .isEqualTo(
              new WriteResult.Refused(
                  Optional.of(new StoredValue(prefix + "7", bytes("taken"), taken))));
      assertThat(List.of(results.get(49), results.get(50)))
          .haveExactly(1, new Condition<>(WriteResult.Done.class::isInstance, "made"));
      Set<String> told = new HashSet<>();
      while (told.size() < writers - 2) {
        for (StoreEvent event : watch.next(SOON).events()) {
          assertThat(told.add(event.key())).as("%s is told once", event.key()).isTrue();
        }
      }
    }
    for (int i = 0; i < writers; i++) {
      if (i != 7 && i != 49 && i != 50) {
        String key = prefix + i;
        assertThat(store.find(key))
            .contains(new StoredValue(key, bytes(Integer.toString(i)), done(results.get(i))));
      }
    }
  }

  @Test
  void changesMadeAtOnceHaveARevisionEachAndAWatchResumesBehindAnyOfThem() throws Exception {
    int writers = 120;
    long[] before = new long[writers];
    for (int i = 0; i < writers; i++) {
      before[i] = i % 3 == 0 ? 0 : create("k" + i, "before");
    }
    long start = store.revision();
    Map<String, Long> revisions = new HashMap<>();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      Map<String, Future<WriteResult>> tasks = new HashMap<>();
      for (int i = 0; i < writers; i++) {
        String key = prefix + "k" + i;
        Write write =
            switch (i % 3) {
              case 0 -> new Write.Create(key, bytes("after"));
              case 1 -> new Write.Replace(key, bytes("after"), before[i]);
              default -> new Write.Remove(key, before[i]);
            };
        tasks.put(key, pool.submit(() -> store.write(write)));
      }
      for (var task : tasks.entrySet()) {
        revisions.put(task.getKey(), done(task.getValue().get()));
      }
    }
    List<StoreEvent> all;
    try (StoreWatch watch = store.watch(prefix, start)) {
      all = read(watch, writers);
    }
    assertThat(all)
        .hasSize(writers)
        .isSortedAccordingTo(Comparator.comparingLong(StoreEvent::revision));
    assertThat(all)
        .allSatisfy(event -> assertThat(event.revision()).isEqualTo(revisions.get(event.key())));
    assertThat(new HashSet<>(revisions.values())).hasSize(writers);
    assertThat(store.list(ListRange.of(prefix)).values())
        .hasSize(writers * 2 / 3)
        .allSatisfy(value -> assertThat(value.revision()).isEqualTo(revisions.get(value.key())));
    for (int i = 0; i < writers - 1; i++) {
      try (StoreWatch watch = store.watch(prefix, all.get(i).revision())) {
        assertThat(read(watch, 1).getFirst()).isEqualTo(all.get(i + 1));
      }
    }
  }

  @Test
  void aValueIsKeptWhateverItEndsWith() {
    for (int last = 0; last < 256; last += 51) {
      ByteString value =
          ByteString.copyFrom(new byte[] {1, (byte) 0x80, (byte) 0xF1, 0x04, (byte) last});
      long revision = done(store.write(new Write.Create(prefix + last, value)));
      assertThat(store.find(prefix + last))
          .contains(new StoredValue(prefix + last, value, revision));
    }
  }

  @Test
  void whatIsCompactedIsNeitherListedNorWatched() {
    long first = create("a", "1");
    long second = replace("a", "2", first);
    long third = replace("a", "3", second);
    store.compact(third);
    store.compact(second);

    assertThat(store.list(ListRange.of(prefix)).values())
        .containsExactly(new StoredValue(prefix + "a", bytes("3"), third));
    assertThatThrownBy(() -> store.list(ListRange.of(prefix).at(second)))
        .isInstanceOf(StoreException.Compacted.class);
    try (StoreWatch watch = store.watch(prefix, first - 1)) {
      assertThatThrownBy(() -> read(watch, 1)).isInstanceOf(StoreException.Compacted.class);
    }
  }

  @Test
  void aRevisionToComeIsNotListed() {
    assertThatThrownBy(() -> store.list(ListRange.of(prefix).at(store.revision() + 1000)))
        .isInstanceOf(StoreException.Compacted.class);
  }

  @Test
  void aValueWithATimeToLiveGoesByItself() {
    store.write(new Write.Create(prefix + "a", bytes("1"), Duration.ofSeconds(1)));
    assertThat(store.find(prefix + "a")).isPresent();

    Awaitility.await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(store.find(prefix + "a")).isEmpty());
  }

  @Test
  void anEmptyValueIsAValue() {
    long revision = create("a", "");
    assertThat(store.find(prefix + "a"))
        .contains(new StoredValue(prefix + "a", ByteString.EMPTY, revision));
  }

  @Test
  void ofManyWritersEachStepIsMadeByOne() throws Exception {
    int writers = 8;
    int steps = 20;
    create("counter", "0");
    AtomicInteger refused = new AtomicInteger();
    Set<Long> revisions = new HashSet<>();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<List<Long>>> tasks = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        tasks.add(() -> count(steps, refused));
      }
      for (Future<List<Long>> task : pool.invokeAll(tasks)) {
        revisions.addAll(task.get());
      }
    }
    assertThat(store.find(prefix + "counter"))
        .get()
        .extracting(StoredValue::bytes)
        .isEqualTo(bytes(Integer.toString(writers * steps)));
    assertThat(revisions).hasSize(writers * steps);
  }

  private List<Long> count(int steps, AtomicInteger refused) {
    List<Long> made = new ArrayList<>();
    while (made.size() < steps) {
      StoredValue now = store.find(prefix + "counter").orElseThrow();
      int next = Integer.parseInt(now.bytes().toStringUtf8()) + 1;
      WriteResult result =
          store.write(
              new Write.Replace(prefix + "counter", bytes(Integer.toString(next)), now.revision()));
      if (result instanceof WriteResult.Done(long revision)) {
        made.add(revision);
      } else {
        refused.incrementAndGet();
      }
    }
    return made;
  }

  static List<StoreEvent> read(StoreWatch watch, int count) throws InterruptedException {
    List<StoreEvent> events = new ArrayList<>();
    long deadline = System.nanoTime() + SOON.toNanos();
    while (events.size() < count && System.nanoTime() < deadline) {
      StoreWatch.Batch batch = watch.next(Duration.ofSeconds(1));
      events.addAll(batch.events());
      if (!batch.events().isEmpty()) {
        assertThat(batch.revision()).isGreaterThanOrEqualTo(events.getLast().revision());
      }
    }
    return events;
  }
}
