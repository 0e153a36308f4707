package io.coxswain.controlplane.controller.node;

import static io.coxswain.controlplane.controller.framework.Samples.NOW;
import static io.coxswain.controlplane.controller.framework.Samples.meta;
import static io.coxswain.controlplane.controller.framework.Samples.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeCondition;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Taint;
import io.coxswain.api.core.v1.Toleration;
import io.coxswain.client.codec.Times;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NodeHealthPlanTest {

  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final Duration NOT_READY_GRACE = Duration.ofSeconds(30);

  record Case(
      String name,
      String ready,
      int sinceSeconds,
      int silentSeconds,
      boolean keepPods,
      List<String> taints,
      boolean takePodsOut) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Case> cases() {
    String unreachable = "node.kubernetes.io/unreachable";
    String notReady = "node.kubernetes.io/not-ready";
    return List.of(
        new Case("well", "True", 100, 3, false, List.of(), false),
        new Case("just within grace", "True", 100, 9, false, List.of(), false),
        new Case(
            "lost",
            "True",
            100,
            10,
            false,
            List.of(unreachable + ":NoSchedule", unreachable + ":NoExecute"),
            true),
        new Case("all lost", "True", 100, 60, true, List.of(unreachable + ":NoSchedule"), false),
        new Case("says not ready", "False", 5, 1, false, List.of(notReady + ":NoSchedule"), false),
        new Case(
            "says so for long",
            "False",
            31,
            1,
            false,
            List.of(notReady + ":NoSchedule", notReady + ":NoExecute"),
            false),
        new Case("says nothing yet", "", 0, 1, false, List.of(notReady + ":NoSchedule"), false));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void marksWhatIsLost(Case c) {
    NodeHealthPlan plan =
        NodeHealthPlan.of(
            new NodeHealthPlan.Snapshot(
                node(c.ready(), c.sinceSeconds()),
                NOW.minusSeconds(c.silentSeconds()),
                c.keepPods(),
                GRACE,
                NOT_READY_GRACE,
                NOW));

    assertThat(plan.node().getSpec().getTaintsList())
        .extracting(t -> t.getKey() + ":" + t.getEffect())
        .containsExactlyElementsOf(c.taints());
    assertThat(plan.takePodsOut()).isEqualTo(c.takePodsOut());
  }

  @Test
  void silenceOfAllIsNoSignButSilenceOfOneIs() {
    Heartbeats heartbeats = new Heartbeats();
    heartbeats.heard("a", "1", NOW);
    heartbeats.heard("b", "1", NOW.plusSeconds(3));
    Duration clearly = GRACE.dividedBy(2);

    assertThat(heartbeats.othersHeardSince("a", clearly, NOW.plusSeconds(20))).isFalse();
    assertThat(heartbeats.allSilent(GRACE, NOW.plusSeconds(12))).isFalse();
    assertThat(heartbeats.allSilent(GRACE, NOW.plusSeconds(13))).isTrue();

    heartbeats.heard("b", "2", NOW.plusSeconds(6));
    assertThat(heartbeats.othersHeardSince("a", clearly, NOW.plusSeconds(20))).isTrue();
    assertThat(heartbeats.othersHeardSince("b", clearly, NOW.plusSeconds(20))).isFalse();

    heartbeats.heard("b", "2", NOW.plusSeconds(30));
    assertThat(heartbeats.at("b", NOW)).isEqualTo(NOW.plusSeconds(6));
  }

  @Test
  void aReturnedNodeLosesOnlyOurTaints() {
    Node.Builder back = node("True", 1).toBuilder();
    back.getSpecBuilder()
        .addTaints(Taint.newBuilder().setKey("dedicated").setEffect("NoExecute"))
        .addTaints(Taint.newBuilder().setKey(NodeTaints.UNREACHABLE).setEffect("NoExecute"));

    assertThat(NodeTaints.of(back.build(), false, NOW))
        .extracting(Taint::getKey)
        .containsExactly("dedicated");
  }

  @Test
  void cordonAndPressureAreTaints() {
    Node.Builder node = node("True", 1).toBuilder();
    node.getSpecBuilder().setUnschedulable(true);
    node.getStatusBuilder()
        .addConditions(NodeCondition.newBuilder().setType("DiskPressure").setStatus("True"));

    assertThat(NodeTaints.of(node.build(), false, NOW))
        .extracting(t -> t.getKey() + ":" + t.getEffect())
        .containsExactlyInAnyOrder(
            "node.kubernetes.io/disk-pressure:NoSchedule",
            "node.kubernetes.io/unschedulable:NoSchedule");
  }

  @Test
  void evictionCountsFromTheTaintButNotFromBeforeTheStart() {
    Taint taint =
        Taint.newBuilder()
            .setKey(NodeTaints.UNREACHABLE)
            .setEffect("NoExecute")
            .setTimeAdded(Times.time(NOW))
            .build();
    Duration five = Duration.ofSeconds(5);

    assertThat(evictedAt(pod("a"), taint, NOW.minusSeconds(60), five))
        .isEqualTo(NOW.plusSeconds(5));
    assertThat(evictedAt(pod("a"), taint, NOW.plusSeconds(60), five))
        .isEqualTo(NOW.plusSeconds(65));
    assertThat(evictedAt(tolerating(300L), taint, NOW, five)).isEqualTo(NOW.plusSeconds(300));
    assertThat(evictedAt(tolerating(-1L), taint, NOW, five)).isEqualTo(NOW);
    assertThat(
            Evictions.evictionTime(
                tolerating(null), List.of(taint), NodeHealthPlanTest::added, NOW, five))
        .isEmpty();
    Taint other = Taint.newBuilder().setKey("mine").setEffect("NoExecute").build();
    assertThat(evictedAt(pod("a"), other, NOW, five)).isEqualTo(NOW);
  }

  @Test
  void blocksAreGivenLowestFirst() {
    CidrPool pool = CidrPool.parse("10.244.0.0/16", 24);

    assertThat(pool.firstFree(Set.of())).contains("10.244.0.0/24");
    assertThat(pool.firstFree(Set.of("10.244.0.0/24", "10.244.2.0/24"))).contains("10.244.1.0/24");
    assertThat(CidrPool.parse("10.0.0.0/23", 24).firstFree(Set.of("10.0.0.0/24", "10.0.1.0/24")))
        .isEmpty();
    assertThatThrownBy(() -> CidrPool.parse("10.244.0.0", 24)).hasMessageContaining("10.244.0.0");
    assertThatThrownBy(() -> CidrPool.parse("10.244.0.0/25", 24)).hasMessageContaining("/25");
  }

  /// One that is placed on a tainted node stays for as long as it says.
  @Test
  void evictionDoesNotCountFromBeforeThePodCame() {
    Taint taint =
        Taint.newBuilder()
            .setKey(NodeTaints.UNREACHABLE)
            .setEffect("NoExecute")
            .setTimeAdded(Times.time(NOW.minusSeconds(3600)))
            .build();
    Pod.Builder placed = tolerating(60L).toBuilder();
    placed
        .getStatusBuilder()
        .addConditionsBuilder()
        .setType("PodScheduled")
        .setStatus("True")
        .setLastTransitionTime(Times.time(NOW));
    Instant began = NOW.minusSeconds(7200);
    assertThat(evictedAt(placed.build(), taint, began, Duration.ofSeconds(5)))
        .isEqualTo(NOW.plusSeconds(60));
    Pod.Builder given = tolerating(60L).toBuilder();
    given.getMetadataBuilder().setCreationTimestamp(Times.time(NOW.minusSeconds(10)));
    assertThat(evictedAt(given.build(), taint, began, Duration.ofSeconds(5)))
        .isEqualTo(NOW.plusSeconds(50));
  }

  /// As `kubectl taint` adds them.
  @Test
  void aTaintThatDoesNotSaySinceWhenCountsFromWhenItWasNoticed() {
    AdjustableClock clock = new AdjustableClock(NOW);
    TaintTimes times = new TaintTimes(clock);
    Taint mine = Taint.newBuilder().setKey("mine").setEffect("NoExecute").build();
    Taint other = Taint.newBuilder().setKey("other").setEffect("NoExecute").build();
    Node.Builder node = node("True", 1).toBuilder();
    node.getSpecBuilder().addTaints(mine);
    times.notice(node.build());
    clock.now = NOW.plusSeconds(100);
    node.getSpecBuilder().addTaints(other);
    times.notice(node.build());
    clock.now = NOW.plusSeconds(200);
    assertThat(times.added("n", mine)).isEqualTo(NOW);
    assertThat(times.added("n", other)).isEqualTo(NOW.plusSeconds(100));
    assertThat(times.added("m", mine)).as("not noticed yet").isEqualTo(NOW.plusSeconds(200));
    Taint dated = mine.toBuilder().setTimeAdded(Times.time(NOW.minusSeconds(7))).build();
    assertThat(times.added("n", dated)).isEqualTo(NOW.minusSeconds(7));

    node.getSpecBuilder().clearTaints();
    times.notice(node.build());
    node.getSpecBuilder().addTaints(mine);
    times.notice(node.build());
    assertThat(times.added("n", mine)).as("again").isEqualTo(NOW.plusSeconds(200));
    times.forget("n");
    clock.now = NOW.plusSeconds(300);
    assertThat(times.added("n", mine)).as("of a node that was gone").isEqualTo(clock.now);
  }

  private static final class AdjustableClock extends Clock {
    private Instant now;

    AdjustableClock(Instant now) {
      this.now = now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  private static Instant added(Taint taint) {
    return taint.hasTimeAdded() ? Times.instant(taint.getTimeAdded()) : Instant.EPOCH;
  }

  private static Instant evictedAt(Pod pod, Taint taint, Instant since, Duration tolerance) {
    return Evictions.evictionTime(pod, List.of(taint), NodeHealthPlanTest::added, since, tolerance)
        .orElseThrow();
  }

  private static Pod tolerating(@org.jspecify.annotations.Nullable Long seconds) {
    Toleration.Builder toleration =
        Toleration.newBuilder().setKey(NodeTaints.UNREACHABLE).setOperator("Exists");
    if (seconds != null) {
      toleration.setTolerationSeconds(seconds);
    }
    Pod.Builder pod = pod("tolerant").toBuilder();
    pod.getSpecBuilder().addTolerations(toleration);
    return pod.build();
  }

  private static Node node(String ready, int sinceSeconds) {
    Node.Builder node = Node.newBuilder().setMetadata(meta("n").clearNamespace());
    if (!ready.isEmpty()) {
      node.getStatusBuilder()
          .addConditions(
              NodeCondition.newBuilder()
                  .setType("Ready")
                  .setStatus(ready)
                  .setLastTransitionTime(Times.time(NOW.minusSeconds(sinceSeconds))));
    }
    return node.build();
  }
}
