package io.coxswain.controlplane.controller.replicaset;

import static io.coxswain.controlplane.controller.framework.Samples.NOW;
import static io.coxswain.controlplane.controller.framework.Samples.finished;
import static io.coxswain.controlplane.controller.framework.Samples.ownedBy;
import static io.coxswain.controlplane.controller.framework.Samples.pod;
import static io.coxswain.controlplane.controller.framework.Samples.ready;
import static io.coxswain.controlplane.controller.framework.Samples.replicaSet;
import static io.coxswain.controlplane.controller.framework.Samples.running;
import static io.coxswain.controlplane.controller.framework.Samples.terminating;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.ReplicaSetStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Times;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReplicaSetPlanTest {

  record Case(String name, int replicas, List<Pod> pods, int create, List<String> delete) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final ReplicaSet SET = replicaSet("set", 0);

  static List<Case> cases() {
    Pod a = ownedBy(SET, pod("a"));
    Pod b = ownedBy(SET, pod("b"));
    Pod other = ownedBy(replicaSet("other", 1), pod("theirs"));
    return List.of(
        new Case("nothing there", 3, List.of(), 3, List.of()),
        new Case("as many as wanted", 2, List.of(a, b), 0, List.of()),
        new Case("one too many", 1, List.of(a, ready(running(b, "n"), NOW)), 0, List.of("a")),
        new Case("terminating do not count", 2, List.of(a, terminating(b)), 1, List.of()),
        new Case("succeeded do not count", 1, List.of(finished(a, "Succeeded")), 1, List.of()),
        new Case("failed do not count", 1, List.of(finished(a, "Failed")), 1, List.of()),
        new Case("others' do not count", 1, List.of(other), 1, List.of()),
        new Case("an orphan is as good", 1, List.of(pod("orphan")), 0, List.of()),
        new Case("scaled to nothing", 0, List.of(a, b), 0, List.of("a", "b")),
        new Case("a burst is bounded", 2000, List.of(), ReplicaSetPlan.BURST, List.of()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void wants(Case c) {
    ReplicaSetPlan plan = plan(c.replicas(), c.pods());

    assertThat(plan.create()).isEqualTo(c.create());
    assertThat(plan.delete())
        .extracting(p -> p.getMetadata().getName())
        .containsExactlyInAnyOrderElementsOf(c.delete());
  }

  @Test
  void adoptsWhatItSelectsAndReleasesWhatItNoLongerDoes() {
    Pod stray = ownedBy(SET, pod("stray"));
    stray =
        stray.toBuilder()
            .setMetadata(stray.getMetadata().toBuilder().putLabels("app", "elsewhere"))
            .build();

    ReplicaSetPlan plan = plan(1, List.of(pod("orphan"), stray));

    assertThat(plan.adopt()).extracting(p -> p.getMetadata().getName()).containsExactly("orphan");
    assertThat(plan.release()).containsExactly(stray);
    assertThat(plan.create()).isZero();
  }

  @Test
  void aSetThatIsGoingDoesNothing() {
    ReplicaSet.Builder going = SET.toBuilder();
    going.getMetadataBuilder().setDeletionTimestamp(Times.time(NOW));
    going.getSpecBuilder().setReplicas(3);

    ReplicaSetPlan plan =
        ReplicaSetPlan.of(
            new ReplicaSetSnapshot(
                going.build(), List.of(ownedBy(SET, pod("a")), pod("orphan")), Map.of(), NOW));

    assertThat(plan.create()).isZero();
    assertThat(plan.delete()).isEmpty();
    assertThat(plan.adopt()).isEmpty();
  }

  @Test
  void deletesInTheDocumentedOrder() {
    Pod settled = running(ready(pod("settled"), NOW.minusSeconds(100)), "n1");
    Pod crowded = running(ready(pod("crowded"), NOW.minusSeconds(100)), "n2");
    Pod cheap = withCost(settled, "cheap", "-1");
    Pod dear = withCost(settled, "dear", "5");
    Pod fresh = running(ready(pod("fresh"), NOW.minusSeconds(1)), "n1");
    Pod unready = running(pod("unready"), "n1");
    Pod.Builder pending = pod("pending").toBuilder();
    pending.getSpecBuilder().setNodeName("n1");
    pending.getStatusBuilder().setPhase("Pending");
    Pod unassigned = pod("unassigned");
    List<Pod> expected =
        List.of(unassigned, pending.build(), unready, cheap, crowded, fresh, settled, dear);

    for (int seed = 0; seed < 20; seed++) {
      List<Pod> shuffled = new ArrayList<>(expected);
      Collections.shuffle(shuffled, new Random(seed));
      shuffled.sort(DeletionOrder.given(Map.of("n1", 3, "n2", 4)));
      assertThat(shuffled).isEqualTo(expected);
    }
  }

  @Test
  void countsWhatItsPodsSay() {
    ReplicaSet set = withMinReady(SET, 10);
    Pod available = ownedBy(SET, running(ready(pod("available"), NOW.minusSeconds(20)), "n"));
    Pod justReady = ownedBy(SET, running(ready(pod("just-ready"), NOW.minusSeconds(4)), "n"));
    Pod unready = ownedBy(SET, running(pod("unready"), "n"));
    Pod going = terminating(ownedBy(SET, pod("going")));

    ReplicaSetPlan plan =
        ReplicaSetPlan.of(
            new ReplicaSetSnapshot(
                set, List.of(available, justReady, unready, going), Map.of(), NOW));
    ReplicaSetStatus status = ReplicaSetCounts.status(set, plan, Optional.empty(), NOW);

    assertThat(status.getReplicas()).isEqualTo(3);
    assertThat(status.getFullyLabeledReplicas()).isEqualTo(3);
    assertThat(status.getReadyReplicas()).isEqualTo(2);
    assertThat(status.getAvailableReplicas()).isEqualTo(1);
    assertThat(status.getTerminatingReplicas()).isEqualTo(1);
    assertThat(status.getObservedGeneration()).isEqualTo(1);
    assertThat(plan.lookAgain()).contains(Duration.ofSeconds(6));
  }

  @Test
  void aFailureIsAConditionUntilItIsOver() {
    ReplicaSetPlan plan = plan(1, List.of());
    var failure = new ReplicaSetCounts.Failure("FailedCreate", "quota");

    ReplicaSetStatus failed = ReplicaSetCounts.status(SET, plan, Optional.of(failure), NOW);
    ReplicaSet stored = SET.toBuilder().setStatus(failed).build();
    ReplicaSetStatus again =
        ReplicaSetCounts.status(stored, plan, Optional.of(failure), NOW.plusSeconds(60));
    ReplicaSetStatus over = ReplicaSetCounts.status(stored, plan, Optional.empty(), NOW);

    assertThat(failed.getConditions(0).getReason()).isEqualTo("FailedCreate");
    assertThat(again).isEqualTo(failed);
    assertThat(over.getConditionsList()).isEmpty();
  }

  private static ReplicaSetPlan plan(int replicas, List<Pod> pods) {
    ReplicaSet.Builder set = SET.toBuilder();
    set.getSpecBuilder().setReplicas(replicas);
    return ReplicaSetPlan.of(new ReplicaSetSnapshot(set.build(), pods, Map.of(), NOW));
  }

  private static ReplicaSet withMinReady(ReplicaSet set, int seconds) {
    ReplicaSet.Builder edited = set.toBuilder();
    edited.getSpecBuilder().setMinReadySeconds(seconds);
    return edited.build();
  }

  private static Pod withCost(Pod pod, String name, String cost) {
    Pod.Builder edited = pod.toBuilder();
    edited
        .getMetadataBuilder()
        .setName(name)
        .putAnnotations("controller.kubernetes.io/pod-deletion-cost", cost);
    return edited.build();
  }
}
