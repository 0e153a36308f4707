package io.coxswain.scheduler.cycle;

import static io.coxswain.scheduler.Fixtures.allocatable;
import static io.coxswain.scheduler.Fixtures.node;
import static io.coxswain.scheduler.Fixtures.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.scheduler.plugin.Plugins;
import io.coxswain.scheduler.snapshot.Amounts;
import io.coxswain.scheduler.snapshot.ClusterCache;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever comes and goes, in whatever order things are heard: what pods on a node ask for
/// together fits the node.
class NeverOverCommitsTest {

  private record Placed(Pod pod, String node, boolean heard) {}

  static IntStream seeds() {
    return IntStream.range(0, 40);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void holds(int seed) {
    Random random = new Random(seed);
    ClusterCache cache = new ClusterCache(() -> Instant.EPOCH);
    Placement placement = new Placement(Plugins.standard());
    List<Placed> placed = new ArrayList<>();
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(5); i++) {
      Node node =
          allocatable(
              node("n" + i),
              "cpu=" + (1 + random.nextInt(8)),
              "memory=" + (1 + random.nextInt(16)) + "Gi",
              "pods=" + (1 + random.nextInt(20)));
      nodes.add(node);
      cache.putNode(node);
    }
    for (int step = 0; step < 300; step++) {
      switch (random.nextInt(6)) {
        case 0, 1, 2 -> {
          Pod pod =
              pod(
                  "p" + step,
                  "cpu=" + random.nextInt(2500) + "m",
                  "memory=" + random.nextInt(4096) + "Mi");
          if (placement.decide(PodInfo.of(pod), cache.snapshot())
              instanceof Decision.Place(String node, int feasible)) {
            assertThat(feasible).isPositive();
            cache.assume(PodInfo.of(pod), node);
            placed.add(new Placed(pod, node, false));
          }
        }
        case 3 -> forget(random, cache, placed);
        case 4 -> hear(random, cache, placed);
        default -> {
          // A node that is lost and comes back still has its pods.
          Node node = nodes.get(random.nextInt(nodes.size()));
          cache.removeNode(node.getMetadata().getName());
          assertThat(cache.snapshot().find(node.getMetadata().getName())).isEmpty();
          cache.putNode(node);
        }
      }
      check(cache, placed);
    }
  }

  private static void forget(Random random, ClusterCache cache, List<Placed> placed) {
    if (placed.isEmpty()) {
      return;
    }
    Placed gone = placed.remove(random.nextInt(placed.size()));
    if (gone.heard) {
      cache.removePod(gone.pod.getMetadata().getUid());
    } else {
      cache.forget(gone.pod.getMetadata().getUid());
    }
  }

  private static void hear(Random random, ClusterCache cache, List<Placed> placed) {
    if (placed.isEmpty()) {
      return;
    }
    int i = random.nextInt(placed.size());
    Placed assumed = placed.get(i);
    Pod.Builder bound = assumed.pod.toBuilder();
    bound.getSpecBuilder().setNodeName(assumed.node);
    var _ = cache.putPod(bound.build());
    placed.set(i, new Placed(assumed.pod, assumed.node, true));
  }

  private static void check(ClusterCache cache, List<Placed> placed) {
    int counted = 0;
    for (NodeInfo node : cache.snapshot().nodes()) {
      Amounts sum = Amounts.NONE;
      for (Placed pod : placed) {
        if (pod.node.equals(node.name())) {
          sum = sum.plus(PodInfo.of(pod.pod).requests());
        }
      }
      assertThat(node.requested()).isEqualTo(sum);
      assertThat(sum.milliCpu()).isLessThanOrEqualTo(node.allocatable().milliCpu());
      assertThat(sum.memory()).isLessThanOrEqualTo(node.allocatable().memory());
      assertThat((long) node.pods().size()).isLessThanOrEqualTo(node.allowedPods());
      counted += node.pods().size();
    }
    assertThat(counted).isEqualTo(placed.size());
  }
}
