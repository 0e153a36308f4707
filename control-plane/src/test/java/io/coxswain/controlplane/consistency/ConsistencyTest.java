package io.coxswain.controlplane.consistency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.pki.Credentials;
import io.coxswain.controlplane.pki.Pki;
import io.coxswain.controlplane.storage.EtcdServer;
import io.coxswain.controlplane.storage.EtcdStore;
import io.coxswain.controlplane.storage.StoreEvent;
import io.coxswain.controlplane.storage.StoreWatch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/// Clients on few keys while etcd and the server are killed: whatever they were told must have one
/// explanation. `-Dcoxswain.consistency.seed` repeats what the clients do, not what the machine
/// does.
@EnabledIf("io.coxswain.controlplane.storage.EtcdServer#installed")
class ConsistencyTest {

  private static final String PREFIX = "/registry/configmaps/default/";
  private static final List<String> KEYS = List.of("red", "green", "blue");
  private static final Pattern VALUE = Pattern.compile("value-c[0-9]+-[0-9]+-end");
  private static final int CUSTOMERS = 6;
  private static final int ONLOOKERS = 2;
  private static final Duration SOON = Duration.ofSeconds(60);

  /// Between two kills, of all customers together.
  private static final int OPERATIONS = 1000;

  @TempDir Path folder;

  private final Queue<Operation> history = new ConcurrentLinkedQueue<>();
  private final LongAdder answered = new LongAdder();
  private final AtomicBoolean over = new AtomicBoolean();

  private void awaitMore(int operations) {
    long enough = answered.sum() + operations;
    await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(() -> answered.sum() >= enough);
  }

  /// How often a key really changed is up to who wins the races, so it is waited for.
  private void awaitChanges(int enough) {
    await().atMost(SOON).until(() -> writes(Operation.Outcome.DONE) > enough);
  }

  private long writes(Operation.Outcome outcome) {
    return history.stream()
        .filter(one -> one instanceof Operation.Write write && write.outcome() == outcome)
        .count();
  }

  @Test
  void everythingHasOneExplanation() throws Exception {
    long seed = Long.getLong("coxswain.consistency.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    Credentials admin =
        Pki.open(folder.resolve("pki"), Clock.systemUTC())
            .client("admin", User.ADMINISTRATOR.name(), User.MASTERS);
    try (EtcdServer etcd = EtcdServer.start();
        ServerProcess server = new ServerProcess(folder, etcd)) {
      server.launch();
      List<Onlooker> onlookers = new ArrayList<>();
      try (Api api = new Api(server.url(), admin);
          ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < CUSTOMERS; i++) {
          running.add(
              pool.submit(
                  new Customer(api, "c" + i, KEYS, random.split(), history::add, answered, over)));
        }
        List<Future<?>> watching = new ArrayList<>();
        AtomicBoolean watched = new AtomicBoolean();
        for (int i = 0; i < ONLOOKERS; i++) {
          onlookers.add(new Onlooker(api, history::add, watched));
          watching.add(pool.submit(onlookers.getLast()));
        }
        try {
          disturb(etcd, server, random);
          awaitMore(OPERATIONS);
          awaitChanges(OPERATIONS);
        } finally {
          over.set(true);
        }
        for (Future<?> one : running) {
          var _ = one.get();
        }
        List<Change> log = log(etcd);
        long last = log.getLast().revision();
        await().atMost(SOON).until(() -> onlookers.stream().allMatch(one -> one.until() >= last));
        watched.set(true);
        api.hangUp();
        for (Future<?> one : watching) {
          var _ = one.get();
        }
        judge(seed, log, onlookers);
      } finally {
        over.set(true);
      }
    }
  }

  private void disturb(EtcdServer etcd, ServerProcess server, SplittableRandom random)
      throws Exception {
    for (int kill = 0; kill < 3; kill++) {
      awaitMore(OPERATIONS / 2 + random.nextInt(OPERATIONS));
      etcd.kill();
      etcd.launch();
    }
    awaitMore(OPERATIONS / 2 + random.nextInt(OPERATIONS));
    server.kill();
    server.launch();
    awaitMore(OPERATIONS / 2 + random.nextInt(OPERATIONS));
    server.kill();
    etcd.kill();
    etcd.launch();
    server.launch();
  }

  private void judge(long seed, List<Change> log, List<Onlooker> onlookers) {
    List<Operation> all = List.copyOf(history);
    long unknown = writes(Operation.Outcome.UNKNOWN);
    String story =
        "seed %d: %d operations, %d changes, %d writes without an answer, watches: %s"
            .formatted(
                seed,
                all.size(),
                log.size(),
                unknown,
                onlookers.stream().map(Onlooker::story).toList());
    System.out.println("Consistency, " + story);

    assertThat(Judge.problems(log, all)).as(story).isEmpty();
    assertThat(log.size()).as(story).isGreaterThan(OPERATIONS);
    assertThat(all).hasAtLeastOneElementOfType(Operation.Watched.class);
  }

  /// What etcd itself says that happened.
  private static List<Change> log(EtcdServer etcd) throws InterruptedException {
    List<Change> log = new ArrayList<>();
    try (EtcdStore store = new EtcdStore(etcd.options(), new SimpleMeterRegistry());
        StoreWatch watch = store.watch(PREFIX, 1)) {
      long last = store.revision();
      long told = 0;
      while (told < last) {
        StoreWatch.Batch batch = watch.next(Duration.ofSeconds(1));
        batch.events().forEach(event -> add(event, log));
        told = Math.max(told, batch.revision());
      }
    }
    return log;
  }

  private static void add(StoreEvent event, List<Change> log) {
    String key = event.key().substring(PREFIX.length());
    if (!KEYS.contains(key)) {
      return;
    }
    switch (event) {
      case StoreEvent.Removed removed -> log.add(new Change(removed.revision(), key, ""));
      case StoreEvent.Put put -> {
        Matcher value = VALUE.matcher(put.value().bytes().toString(StandardCharsets.ISO_8859_1));
        assertThat(value.find()).as("a value in " + put).isTrue();
        log.add(new Change(put.revision(), key, value.group()));
      }
    }
  }
}
