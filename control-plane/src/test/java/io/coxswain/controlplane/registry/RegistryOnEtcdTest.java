package io.coxswain.controlplane.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.storage.EtcdServer;
import io.coxswain.controlplane.storage.EtcdStore;
import io.coxswain.controlplane.storage.Write;
import io.coxswain.controlplane.watch.CacheEvent;
import io.coxswain.controlplane.watch.CacheWatch;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.schema.ResourceType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// The registry on a real etcd: its bytes, its order, and what is left after kills.
@EnabledIf("io.coxswain.controlplane.storage.EtcdServer#installed")
final class RegistryOnEtcdTest {

  private static final ResourceType<ConfigMap> MAPS = ResourceType.of(ConfigMap.class);
  private static final Duration SOON = Duration.ofSeconds(20);

  private final EtcdServer server = EtcdServer.start();
  private TestRegistry api = connect();

  RegistryOnEtcdTest() {
    var _ =
        api.create(
            Namespace.newBuilder().setMetadata(ObjectMeta.newBuilder().setName("default")).build());
  }

  private TestRegistry connect() {
    return new TestRegistry(
        new EtcdStore(server.options(), new SimpleMeterRegistry()), new BareRules());
  }

  @AfterEach
  void stop() {
    api.close();
    server.close();
  }

  @Test
  void objectsLieWhereKubernetesPutsThem() {
    var _ = api.create(RegistryTest.map("a").build());
    ByteString bytes = api.store.find("/registry/configmaps/default/a").orElseThrow().bytes();
    assertThat(bytes.substring(0, 4).toByteArray()).containsExactly('k', '8', 's', 0);
    assertThat(api.store.find("/registry/namespaces/default")).isPresent();
  }

  @Test
  void anObjectLargerThanEtcdTakesIsTooLarge() {
    ConfigMap large = RegistryTest.map("a").putData("large", "x".repeat(2_000_000)).build();
    assertThatThrownBy(() -> api.create(large))
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal -> assertThat(refusal.error()).isInstanceOf(ApiError.TooLarge.class));
  }

  @Test
  void aListIsFreshThoughOthersWriteToTheSameEtcd() {
    for (int i = 0; i < 3; i++) {
      var _ = api.store.write(new Write.Create("/others/" + i, ByteString.EMPTY));
      var _ = api.create(RegistryTest.map("a" + i).build());
      var _ = api.store.write(new Write.Create("/others/more" + i, ByteString.EMPTY));
      assertThat(api.registry.list(ListQuery.of(MAPS, "")).items()).hasSize(i + 1);
    }
  }

  /// Many writers on few objects: each successful write is one step from the version before, and
  /// the watch tells every one of them, in order.
  @Test
  void hotObjectsAreWrittenOneStepAtATime() throws Exception {
    int writers = 16;
    int steps = 25;
    List<String> names = List.of("hot0", "hot1");
    for (String name : names) {
      var _ = api.create(RegistryTest.map(name).putData("n", "0").build());
    }
    String start = api.registry.list(ListQuery.of(MAPS, "default")).resourceVersion();
    AtomicInteger conflicts = new AtomicInteger();
    try (CacheWatch watch = api.registry.watch(WatchQuery.of(MAPS, "default", start));
        ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> done = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        String name = names.get(writer % names.size());
        done.add(pool.submit(() -> count(name, steps, conflicts)));
      }
      Map<String, Integer> told = new TreeMap<>();
      List<Long> revisions = new ArrayList<>();
      for (int i = 0; i < writers * steps; i++) {
        CacheEvent event = watch.next(SOON).orElseThrow();
        revisions.add(event.revision());
        told.merge(event.object().key().name(), 1, Integer::sum);
        assertThat(number(event.object())).isEqualTo(told.get(event.object().key().name()));
      }
      for (Future<?> each : done) {
        each.get();
      }
      assertThat(revisions).isSorted().doesNotHaveDuplicates();
      assertThat(told.values()).containsOnly(writers * steps / names.size());
    }
    assertThat(conflicts).hasPositiveValue();
  }

  private static int number(CachedObject object) {
    return Integer.parseInt(((ConfigMap) object.message()).getDataOrDefault("n", "-1"));
  }

  private void count(String name, int steps, AtomicInteger conflicts) {
    for (int made = 0; made < steps; ) {
      ConfigMap now = api.read(RegistryTest.map(name).build());
      try {
        var _ = api.update(incremented(now));
        made++;
      } catch (ApiException lost) {
        assertThat(lost.isConflict()).isTrue();
        conflicts.incrementAndGet();
      }
    }
  }

  private static ConfigMap incremented(ConfigMap map) {
    int next = Integer.parseInt(map.getDataOrDefault("n", "0")) + 1;
    return map.toBuilder().putData("n", Integer.toString(next)).build();
  }

  /// While etcd dies again and again: an answered write is there, a refused one is not, a watch
  /// tells every version that is left, and a new registry on the same data sees the same.
  @Test
  void nothingIsLostWhenEtcdIsKilled() throws Exception {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    int writers = 6;
    Map<String, Integer> answered = new ConcurrentHashMap<>();
    Map<String, Integer> unknown = new ConcurrentHashMap<>();
    AtomicInteger total = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    Map<String, Integer> told = new ConcurrentHashMap<>();
    List<String> problems = Collections.synchronizedList(new ArrayList<>());
    for (int writer = 0; writer < writers; writer++) {
      var _ = api.create(RegistryTest.map("m" + writer).putData("n", "0").build());
    }
    String start = api.registry.list(ListQuery.of(MAPS, "default")).resourceVersion();
    try (CacheWatch watch = api.registry.watch(WatchQuery.of(MAPS, "default", start));
        ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int writer = 0; writer < writers; writer++) {
        String name = "m" + writer;
        var _ = pool.submit(() -> hammer(name, over, answered, unknown, total));
      }
      var follower = pool.submit(() -> follow(watch, over, told, problems));
      for (int kill = 0; kill < 4; kill++) {
        int enough = total.get() + 20 + random.nextInt(200);
        Awaitility.await().atMost(SOON).until(() -> total.get() >= enough);
        server.kill();
        server.launch();
      }
      int enough = total.get() + 50;
      Awaitility.await().atMost(SOON).until(() -> total.get() >= enough);
      over.set(true);
      var _ = follower.get();
    }
    Listing cached = api.registry.list(ListQuery.of(MAPS, "default"));
    assertThat(problems).as("seed " + seed).isEmpty();
    for (CachedObject object : cached.items()) {
      String name = object.key().name();
      int atLeast = answered.getOrDefault(name, 0);
      assertThat(number(object))
          .as(name + ", seed " + seed)
          .isBetween(atLeast, atLeast + unknown.getOrDefault(name, 0));
      assertThat(told.get(name)).as(name + " told, seed " + seed).isEqualTo(number(object));
    }
    api.close();
    api = connect();
    Listing again = api.registry.list(ListQuery.of(MAPS, "default"));
    assertThat(again.items().stream().map(CachedObject::message).toList())
        .isEqualTo(cached.items().stream().map(CachedObject::message).toList());
  }

  private void hammer(
      String name,
      AtomicBoolean over,
      Map<String, Integer> answered,
      Map<String, Integer> unknown,
      AtomicInteger total) {
    while (!over.get()) {
      try {
        ConfigMap now = api.read(RegistryTest.map(name).build());
        try {
          var _ = api.update(incremented(now));
          answered.merge(name, 1, Integer::sum);
          total.incrementAndGet();
        } catch (ApiException refused) {
          if (refused.error() instanceof ApiError.Timeout) {
            unknown.merge(name, 1, Integer::sum);
          }
        }
      } catch (ApiException unavailable) {
        assertThat(unavailable.error()).isInstanceOf(ApiError.Unavailable.class);
      }
    }
  }

  /// Every version is told once, none is skipped: the numbers go up by one.
  private static boolean follow(
      CacheWatch watch, AtomicBoolean over, Map<String, Integer> told, List<String> problems)
      throws InterruptedException {
    while (true) {
      Optional<CacheEvent> event = watch.next(Duration.ofMillis(500));
      if (event.isEmpty()) {
        if (over.get()) {
          return true;
        }
        continue;
      }
      String name = event.get().object().key().name();
      int number = number(event.get().object());
      int before = told.getOrDefault(name, 0);
      if (number != before + 1) {
        problems.add(name + " went from " + before + " to " + number);
      }
      told.put(name, number);
    }
  }
}
