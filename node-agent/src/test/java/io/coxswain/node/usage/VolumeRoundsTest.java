package io.coxswain.node.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.node.volume.FakeVolumes;
import io.coxswain.node.volume.Measure;
import io.coxswain.node.volume.VolumeFigures;
import io.coxswain.node.volume.VolumeFigures.Figure;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VolumeRoundsTest {

  private final FakeVolumes volumes = new FakeVolumes(Path.of("/none"));
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-24T10:00:00Z"));
  private final List<Pod> pods = new CopyOnWriteArrayList<>();
  private final Clock clock = ((InstantSource) now::get).withZone(ZoneOffset.UTC);
  private final VolumeRounds rounds = new VolumeRounds(volumes, () -> pods, clock, new Random(7));

  /// What was asked for, the oldest first; who is asked waits while there is a latch for it.
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private final Map<String, CountDownLatch> latches = new ConcurrentHashMap<>();

  VolumeRoundsTest() {
    volumes.answer(measure -> {
      asked.add(measure.volume());
      CountDownLatch latch = latches.get(measure.volume());
      try {
        if (latch != null) {
          latch.await();
        }
      } catch (InterruptedException e) {
        throw new IOException("closed", e);
      }
      return Optional.of(bytes(asked.size()));
    });
  }

  @AfterEach
  void close() {
    latches.values().forEach(CountDownLatch::countDown);
    rounds.close();
  }

  private VolumeFigures bytes(long used) {
    return new VolumeFigures(clock.instant(), Map.of(Figure.USED_BYTES, used), Optional.empty());
  }

  private Pod pod(String name, Map<String, Measure> measures) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder().setName(name).setNamespace("shop").setUid("uid-" + name);
    measures.forEach((volume, _) ->
        pod.getSpecBuilder()
            .addVolumesBuilder()
            .setName(volume)
            .getVolumeSourceBuilder()
            .getPersistentVolumeClaimBuilder()
            .setClaimName("claim-" + volume));
    volumes.stand("uid-" + name, measures);
    pods.add(pod.build());
    return pod.build();
  }

  /// What is asked of it from now on has no answer before this.
  private CountDownLatch hold(String volume) {
    CountDownLatch latch = new CountDownLatch(1);
    latches.put(volume, latch);
    return latch;
  }

  private static Measure driver(String driver, String handle) {
    return new Measure.Driver(driver, handle, Path.of("/p/" + handle));
  }

  private static String name(String driver, String handle) {
    return driver(driver, handle).volume();
  }

  private void turn(int seconds) {
    now.updateAndGet(instant -> instant.plusSeconds(seconds));
    rounds.round();
  }

  private void awaitFigures(Pod pod, String volume) {
    await().until(() -> rounds.of(pod, volume).isPresent());
  }

  @Test
  void aVolumeIsAskedForOnceInOneToTwoMinutes() {
    Pod pod = pod("web", Map.of("data", driver("d", "h")));
    assertThat(rounds.of(pod, "data")).isEmpty();
    rounds.round();
    awaitFigures(pod, "data");
    turn(59);
    assertThat(asked).hasSize(1);
    assertThat(rounds.of(pod, "data").orElseThrow().known()).containsEntry(Figure.USED_BYTES, 1L);
    turn(61);
    await().until(() -> asked.size() == 2);
    await().until(() -> rounds.of(pod, "data").orElseThrow().known().containsValue(2L));
  }

  @Test
  void whoDoesNotAnswerHoldsUpOnlyItself() {
    CountDownLatch answer = hold(name("dead", "h"));
    Pod one =
        pod(
            "one",
            Map.of(
                "stuck", driver("dead", "h"),
                "fine", driver("alive", "h"),
                "local", new Measure.FileSystem(Path.of("/srv"), "/srv")));
    rounds.round();
    awaitFigures(one, "fine");
    awaitFigures(one, "local");
    turn(300);
    turn(300);
    await().until(() -> asked.stream().filter(name("alive", "h")::equals).count() >= 2);
    assertThat(asked).containsOnlyOnce(name("dead", "h"));
    assertThat(rounds.of(one, "stuck")).isEmpty();
    answer.countDown();
    awaitFigures(one, "stuck");
  }

  @Test
  void aPartyIsAskedFewThingsAtATime() {
    Map<String, Measure> many = new HashMap<>();
    CountDownLatch latch = new CountDownLatch(1);
    for (int i = 0; i < 20; i++) {
      many.put("v" + i, driver("slow", "h" + i));
      latches.put(name("slow", "h" + i), latch);
    }
    Pod pod = pod("web", many);
    rounds.round();
    await().until(() -> asked.size() == 4);
    turn(1);
    turn(1);
    assertThat(asked).hasSize(4);
    latch.countDown();
    // who had no place gets one without another look
    await().until(() -> many.keySet().stream().allMatch(name -> rounds.of(pod, name).isPresent()));
    assertThat(asked).doesNotHaveDuplicates();
  }

  @Test
  void whatTwoPodsShareIsAskedForOneAfterTheOther() {
    CountDownLatch answer = hold(name("d", "h"));
    Pod one = pod("one", Map.of("data", driver("d", "h")));
    Pod two = pod("two", Map.of("data", driver("d", "h")));
    rounds.round();
    await().until(() -> asked.size() == 1);
    turn(1);
    assertThat(asked).hasSize(1);
    answer.countDown();
    awaitFigures(one, "data");
    await()
        .until(() -> {
          rounds.round();
          return rounds.of(two, "data").isPresent();
        });
  }

  @Test
  void aFailureLeavesNothingThatWasTrueOnce() {
    Pod pod = pod("web", Map.of("data", driver("d", "h")));
    rounds.round();
    awaitFigures(pod, "data");
    volumes.answer(_ -> {
      throw new IOException("rpc error");
    });
    turn(120);
    await().until(() -> rounds.of(pod, "data").isEmpty());
    volumes.answer(_ -> Optional.of(bytes(9)));
    turn(120);
    awaitFigures(pod, "data");
  }

  @Test
  void ofWhatIsGoneNothingStays() {
    CountDownLatch answer = hold(name("d", "slow"));
    Pod pod = pod("web", Map.of("data", driver("d", "h"), "late", driver("d", "slow")));
    rounds.round();
    awaitFigures(pod, "data");
    // a claim that is another volume by now
    volumes.stand("uid-web", Map.of("data", driver("d", "other"), "late", driver("d", "slow")));
    turn(1);
    await().until(() -> asked.contains(name("d", "other")));
    pods.clear();
    turn(1);
    assertThat(rounds.of(pod, "data")).isEmpty();
    answer.countDown();
    turn(1);
    assertThat(rounds.of(pod, "late")).isEmpty();
  }

  @Test
  void claimsAreMetricsWhilePodsHaveThem() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry.getPrometheusRegistry().register(new ClaimCollector(rounds));
    assertThat(registry.scrape()).doesNotContain("kubelet_volume_stats");
    volumes.answer(measure ->
        Optional.of(
            measure.volume().equals(name("d", "block"))
                ? new VolumeFigures(
                    clock.instant(), Map.of(Figure.CAPACITY_BYTES, 512L), Optional.of(true))
                : bytes(2048)));
    Pod pod = pod("web", Map.of("block", driver("d", "block"), "data", driver("d", "h")));
    pod("another", Map.of("data", driver("d", "h")));
    rounds.round();
    awaitFigures(pod, "block");
    awaitFigures(pod, "data");
    assertThat(registry.scrape())
        .contains(
            "# TYPE kubelet_volume_stats_capacity_bytes gauge",
            "kubelet_volume_stats_capacity_bytes{namespace=\"shop\",persistentvolumeclaim=\"claim-block\"} 512",
            "kubelet_volume_stats_health_status_abnormal{namespace=\"shop\",persistentvolumeclaim=\"claim-block\"} 1",
            "kubelet_volume_stats_used_bytes{namespace=\"shop\",persistentvolumeclaim=\"claim-data\"} 2048")
        .doesNotContain("abnormal{namespace=\"shop\",persistentvolumeclaim=\"claim-data\"}")
        .doesNotContain("used_bytes{namespace=\"shop\",persistentvolumeclaim=\"claim-block\"}");
    pods.clear();
    rounds.round();
    assertThat(registry.scrape()).doesNotContain("kubelet_volume_stats");
  }
}
