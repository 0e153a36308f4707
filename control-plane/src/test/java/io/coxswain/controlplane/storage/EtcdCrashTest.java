package io.coxswain.controlplane.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// What holds while etcd is killed and comes back.
@EnabledIf("io.coxswain.controlplane.storage.EtcdServer#installed")
final class EtcdCrashTest {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String PREFIX = "/crash/";

  private final EtcdServer server = EtcdServer.start();
  private final EtcdStore store = new EtcdStore(server.localOptions(), new SimpleMeterRegistry());

  @AfterEach
  void stop() {
    store.close();
    server.close();
  }

  private long create(String name) {
    return written(new Write.Create(PREFIX + name, StoreContract.bytes(name)));
  }

  /// Right after a restart a write may meet the connection of before, which is told as not made,
  /// and is the caller's to do again.
  private long written(Write write) {
    long end = System.nanoTime() + SOON.toNanos();
    while (true) {
      try {
        return StoreContract.done(store.write(write));
      } catch (StoreException.Unavailable notMade) {
        assertThat(System.nanoTime()).as("time of %s", notMade).isLessThan(end);
      }
    }
  }

  private void restart() {
    server.kill();
    server.launch();
  }

  @Test
  void aWatchOutlivesRestarts() throws InterruptedException {
    try (StoreWatch watch = store.watch(PREFIX, store.revision())) {
      for (String name : List.of("a", "b", "c")) {
        long revision = create(name);
        List<StoreEvent> events = StoreContract.read(watch, 1);
        assertThat(events).extracting(StoreEvent::revision).containsExactly(revision);
        restart();
      }
    }
  }

  @Test
  void aReadDuringARestartIsAnswered() {
    long revision = create("a");
    restart();
    assertThat(store.find(PREFIX + "a"))
        .get()
        .extracting(StoredValue::revision)
        .isEqualTo(revision);
  }

  @Test
  void aDeadStoreIsUnavailableInTime() {
    EtcdOptions plain = server.options();
    EtcdOptions hasty = new EtcdOptions(plain.endpoints(), plain.tls(), Duration.ofSeconds(1));
    try (EtcdStore waiting = new EtcdStore(hasty, new SimpleMeterRegistry())) {
      StoreContract.done(waiting.write(new Write.Create(PREFIX + "a", ByteString.EMPTY)));
      server.kill();
      requireUnavailable(waiting);
    }
  }

  private static void requireUnavailable(Store store) {
    assertThatThrownBy(() -> store.find(PREFIX + "a"))
        .isInstanceOf(StoreException.Unavailable.class);
    assertThatThrownBy(() -> store.write(new Write.Create(PREFIX + "b", ByteString.EMPTY)))
        .isInstanceOfAny(StoreException.Unavailable.class, StoreException.OutcomeUnknown.class);
  }

  @Test
  void aWatchThatMissedWhatIsForgottenSaysSo() throws InterruptedException {
    long first = create("a");
    try (StoreWatch watch = store.watch(PREFIX, first - 1)) {
      assertThat(StoreContract.read(watch, 1)).hasSize(1);
      restart();
      long last = first;
      for (int i = 0; i < 20; i++) {
        last = written(new Write.Replace(PREFIX + "a", StoreContract.bytes("v" + i), last));
      }
      store.compact(last);
      assertThatThrownBy(() -> StoreContract.read(watch, 1))
          .isInstanceOf(StoreException.Compacted.class);
    }
  }

  @Test
  void anotherStoreInItsPlaceIsNoticed() throws InterruptedException {
    long revision = create("a");
    for (int i = 0; i < 5; i++) {
      revision = create("b" + i);
    }
    try (StoreWatch watch = store.watch(PREFIX, revision)) {
      assertThat(watch.next(Duration.ofMillis(100)).events()).isEmpty();
      server.wipe();
      server.launch();
      assertThatThrownBy(
              () -> {
                long end = System.nanoTime() + SOON.toNanos();
                while (System.nanoTime() < end) {
                  var _ = watch.next(Duration.ofSeconds(1));
                }
              })
          .isInstanceOf(StoreException.Compacted.class);
    }
  }

  /// What the store answered is true, however it was killed: done is done, not made is not made.
  @Test
  void noAnswerIsALie() throws Exception {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, String> answers = new ConcurrentHashMap<>();
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int writer = 0; writer < 8; writer++) {
        String name = "w" + writer + "-";
        var _ =
            writers.submit(() -> {
              for (int i = 0; !over.get(); i++) {
                answers.put(PREFIX + name + i, answer(PREFIX + name + i));
              }
            });
      }
      try {
        for (int kill = 0; kill < 4; kill++) {
          awaitMore(answers, 50 + random.nextInt(300));
          restart();
        }
        awaitMore(answers, 50);
      } finally {
        over.set(true);
      }
    }
    assertThat(answers)
        .as("seed " + seed)
        .allSatisfy((key, answer) -> {
          switch (answer) {
            case "done" -> assertThat(store.find(key)).isPresent();
            case "not made" -> assertThat(store.find(key)).isEmpty();
            default -> assertThat(answer).isEqualTo("unknown");
          }
        });
    assertThat(answers.values()).contains("done");
  }

  private String answer(String key) {
    try {
      return store.write(new Write.Create(key, StoreContract.bytes(key)))
              instanceof WriteResult.Done
          ? "done"
          : "refused";
    } catch (StoreException.Unavailable notMade) {
      return "not made";
    } catch (StoreException.OutcomeUnknown unknown) {
      return "unknown";
    }
  }

  private static void awaitMore(Map<String, String> answers, int count) {
    int enough = answers.size() + count;
    Awaitility.await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> answers.size() >= enough);
  }
}
