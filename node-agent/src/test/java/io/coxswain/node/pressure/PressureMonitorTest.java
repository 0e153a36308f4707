package io.coxswain.node.pressure;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.node.podworker.ActivePods;
import io.coxswain.node.podworker.Failure;
import io.coxswain.node.pressure.Signal.Observed;
import io.coxswain.node.usage.NodeDisks;
import io.coxswain.node.usage.PodMeter;
import io.coxswain.node.usage.PodUse;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PressureMonitorTest {

  @TempDir Path folder;
  private final Map<Pod, PodUse> pods = new LinkedHashMap<>();
  private final Map<String, Failure> ended = new LinkedHashMap<>();
  private final Map<Signal, Observed> seen = new EnumMap<>(Signal.class);
  private final List<String> events = new ArrayList<>();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final Pressures pressures = new Pressures();
  private int reclaimed;
  private Runnable reclaim = () -> {};

  private final PodMeter meter =
      new PodMeter() {
        @Override
        public PodUse memory(Pod pod) {
          return pods.getOrDefault(pod, Uses.memory(0, 0));
        }

        @Override
        public PodUse all(Pod pod, Duration age) {
          return pods.getOrDefault(pod, Uses.memory(0, 0));
        }

        @Override
        public void retain(Set<String> uids) {}
      };

  private final ActivePods active =
      new ActivePods() {
        @Override
        public List<Pod> active() {
          return List.copyOf(pods.keySet());
        }

        @Override
        public boolean end(String uid, Failure why) {
          ended.put(uid, why);
          return pods.keySet().removeIf(pod -> pod.getMetadata().getUid().equals(uid));
        }
      };

  private PressureMonitor monitor(String hard, String soft, String grace, Duration mostGrace) {
    EventRecorder recorder =
        (regarding, type, reason, message) -> events.add(reason + ": " + message);
    return new PressureMonitor(
        new PressureOptions(
            Thresholds.parse(hard, soft, grace, ""),
            Duration.ofMinutes(5),
            mostGrace,
            Duration.ofSeconds(10)),
        new PressureMonitor.Node(
            "node-1",
            () -> Map.copyOf(seen),
            new NodeDisks(folder, folder),
            meter,
            () -> {
              reclaimed++;
              reclaim.run();
            }),
        active,
        pressures,
        recorder,
        metrics,
        Clock.systemUTC());
  }

  private PressureMonitor hard(String thresholds) {
    return monitor(thresholds, "", "", Duration.ZERO);
  }

  private Failure ended(String name) {
    return Objects.requireNonNull(ended.get("uid-" + name), name);
  }

  @Test
  void onePodGoesAtATimeAndTheNodeSaysWhy() throws Exception {
    pods.put(Uses.pod("small", 0), Uses.memory(10 << 20, 1));
    pods.put(Uses.pod("large", 0, "memory=1Mi"), Uses.memory(500 << 20, 1));
    PressureMonitor monitor = hard("memory.available<100Mi");
    seen.put(Signal.MEMORY, new Observed(200 << 20, 1L << 30));
    assertThat(monitor.look()).isEmpty();
    assertThat(events).isEmpty();
    seen.put(Signal.MEMORY, new Observed(50 << 20, 1L << 30));
    assertThat(monitor.look()).containsExactly("uid-large");
    assertThat(pressures.now()).containsExactly(NodePressure.MEMORY);
    assertThat(events)
        .containsExactly(
            "NodeHasInsufficientMemory: Node node-1 status is now: NodeHasInsufficientMemory",
            "EvictionThresholdMet: Attempting to reclaim memory");
    Failure why = ended("large");
    assertThat(why)
        .isEqualTo(
            Failure.evicted(
                "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. "
                    + "Container main was using 500Mi, request is 1Mi, has larger consumption of memory. ",
                why.message(),
                1));
    assertThat(metrics.counter("kubelet.evictions", "eviction_signal", "memory.available").count())
        .isEqualTo(1);
    assertThat(reclaimed).isZero();
  }

  @Test
  void whatNobodyUsesGoesBeforePods() throws Exception {
    pods.put(Uses.pod("writes", 0), Uses.disk(100, 0, 0));
    PressureMonitor monitor = hard("nodefs.available<10%");
    seen.put(Signal.NODEFS, new Observed(5, 100));
    reclaim = () -> seen.put(Signal.NODEFS, new Observed(50, 100));
    assertThat(monitor.look()).isEmpty();
    assertThat(reclaimed).isEqualTo(1);
    assertThat(ended).isEmpty();
    assertThat(pressures.now()).containsExactly(NodePressure.DISK);

    reclaim = () -> {};
    seen.put(Signal.NODEFS, new Observed(5, 100));
    assertThat(monitor.look()).containsExactly("uid-writes");
    assertThat(ended("writes").message())
        .isEqualTo(
            "The node was low on resource: ephemeral-storage. Threshold quantity: 10, available: 5. "
                + "Container main was using 100, request is 0, has larger consumption of ephemeral-storage. ");
  }

  @Test
  void criticalPodsStay() throws Exception {
    pods.put(Uses.pod("critical", 2_000_000_000), Uses.memory(900, 1));
    PressureMonitor monitor = hard("memory.available<100");
    seen.put(Signal.MEMORY, new Observed(5, 1000));
    assertThat(monitor.look()).isEmpty();
    pods.put(Uses.pod("other", 5, "memory=500"), Uses.memory(1, 1));
    assertThat(monitor.look()).containsExactly("uid-other");
    assertThat(pods).hasSize(1);
  }

  @Test
  void forASoftThresholdAPodHasTimeToEnd() throws Exception {
    Pod.Builder quick = Uses.pod("quick", 0).toBuilder();
    quick.getSpecBuilder().setTerminationGracePeriodSeconds(5);
    Pod.Builder slow = Uses.pod("slow", 0).toBuilder();
    slow.getSpecBuilder().setTerminationGracePeriodSeconds(500);
    pods.put(quick.build(), Uses.memory(900, 1));
    pods.put(slow.build(), Uses.memory(800, 1));
    PressureMonitor monitor =
        monitor("", "memory.available<100", "memory.available=0s", Duration.ofSeconds(60));
    seen.put(Signal.MEMORY, new Observed(5, 1000));
    // without a grace of its own a threshold is a hard one
    assertThat(monitor.look()).containsExactly("uid-quick");
    assertThat(ended("quick").graceSeconds()).isEqualTo(1);

    pods.put(quick.build(), Uses.memory(900, 1));
    PressureMonitor soft =
        monitor("", "memory.available<100", "memory.available=1ns", Duration.ofSeconds(60));
    assertThat(soft.look()).isEmpty();
    assertThat(soft.look()).containsExactly("uid-quick");
    assertThat(soft.look()).containsExactly("uid-slow");
    assertThat(ended("quick").graceSeconds()).isEqualTo(5);
    assertThat(ended("slow").graceSeconds()).isEqualTo(60);
  }

  @Test
  void aPodAboveItsOwnLimitGoesWithoutANodeThatIsShort() throws Exception {
    Pod.Builder pod = Uses.pod("hoards", 0).toBuilder();
    pod.getSpecBuilder()
        .addVolumesBuilder()
        .setName("data")
        .getVolumeSourceBuilder()
        .getEmptyDirBuilder()
        .setSizeLimit(Quantities.of("1Ki"));
    pods.put(pod.build(), Uses.disk(0, 0, 4096));
    pods.put(Uses.pod("neighbour", 0), Uses.disk(0, 0, 1 << 30));
    assertThat(hard("").look()).containsExactly("uid-hoards");
    assertThat(ended("hoards"))
        .isEqualTo(
            Failure.evicted(
                "Usage of EmptyDir volume \"data\" exceeds the limit \"1Ki\". ", "", 1));
    assertThat(pressures.now()).isEmpty();
    assertThat(events).isEmpty();
  }
}
