package io.coxswain.controlplane.controller.disruption;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.Condition;
import io.coxswain.api.policy.v1.PodDisruptionBudget;
import io.coxswain.api.policy.v1.PodDisruptionBudgetSpec;
import io.coxswain.api.policy.v1.PodDisruptionBudgetStatus;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.controller.framework.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DisruptionPlanTest {

  private static final ReplicaSet SET = Samples.replicaSet("web", 0);

  private static List<Pod> pods(int ready, int unready) {
    List<Pod> pods = new ArrayList<>();
    for (int i = 0; i < ready + unready; i++) {
      Pod pod = Samples.ownedBy(SET, Samples.pod("p" + i));
      pods.add(i < ready ? Samples.ready(pod, Samples.NOW) : Samples.running(pod, "n"));
    }
    return pods;
  }

  private static PodDisruptionBudget budget(String field, String value) {
    PodDisruptionBudgetSpec.Builder spec = PodDisruptionBudgetSpec.newBuilder();
    switch (field) {
      case "min" -> spec.setMinAvailable(Samples.intOrString(value));
      case "max" -> spec.setMaxUnavailable(Samples.intOrString(value));
      default -> throw new IllegalArgumentException(field);
    }
    return PodDisruptionBudget.newBuilder()
        .setMetadata(Samples.meta("budget").setGeneration(3))
        .setSpec(spec)
        .build();
  }

  private static DisruptionPlan plan(PodDisruptionBudget budget, List<Pod> pods, int replicas) {
    return DisruptionPlan.of(
        new DisruptionSnapshot(
            budget, pods, Map.of(SET.getMetadata().getUid(), replicas), Map.of(), Samples.NOW));
  }

  record Case(
      String field, String value, int replicas, int ready, int unready, int desired, int allowed) {}

  static Stream<Case> cases() {
    return Stream.of(
        new Case("min", "2", 3, 3, 0, 2, 1),
        new Case("min", "3", 3, 3, 0, 3, 0),
        new Case("min", "5", 3, 3, 0, 5, 0),
        new Case("min", "0", 3, 3, 0, 0, 3),
        new Case("min", "2", 3, 2, 1, 2, 0),
        new Case("min", "50%", 5, 5, 0, 3, 2),
        new Case("min", "100%", 4, 4, 0, 4, 0),
        new Case("min", "50%", 5, 2, 0, 3, 0),
        new Case("max", "1", 3, 3, 0, 2, 1),
        new Case("max", "1", 3, 2, 1, 2, 0),
        new Case("max", "1", 3, 4, 0, 2, 2),
        new Case("max", "0", 3, 3, 0, 3, 0),
        new Case("max", "5", 3, 3, 0, 0, 3),
        // rounded up: a third of four is two
        new Case("max", "30%", 4, 4, 0, 2, 2),
        new Case("max", "1", 0, 0, 0, 0, 0));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void countsWhatMayGo(Case given) {
    PodDisruptionBudgetStatus status =
        plan(
                budget(given.field(), given.value()),
                pods(given.ready(), given.unready()),
                given.replicas())
            .status();

    assertThat(status.getDesiredHealthy()).isEqualTo(given.desired());
    assertThat(status.getCurrentHealthy()).isEqualTo(given.ready());
    assertThat(status.getDisruptionsAllowed()).isEqualTo(given.allowed());
    assertThat(status.getObservedGeneration()).isEqualTo(3);
    assertThat(status.getConditionsList())
        .singleElement()
        .satisfies(condition -> {
          assertThat(condition.getType()).isEqualTo("DisruptionAllowed");
          assertThat(condition.getStatus()).isEqualTo(given.allowed() > 0 ? "True" : "False");
          assertThat(condition.getReason())
              .isEqualTo(given.allowed() > 0 ? "SufficientPods" : "InsufficientPods");
        });
  }

  @Test
  void aPodThatIsGoingIsNotHealthy() {
    List<Pod> pods = new ArrayList<>(pods(3, 0));
    pods.set(0, Samples.terminating(pods.getFirst()));

    assertThat(plan(budget("max", "1"), pods, 3).status().getDisruptionsAllowed()).isZero();
  }

  @Test
  void anEvictedPodCountsAsGoneUntilItIsOrIsNot() {
    PodDisruptionBudget.Builder budget = budget("max", "1").toBuilder();
    budget
        .getStatusBuilder()
        .putDisruptedPods("p0", Times.time(Samples.NOW.minusSeconds(30)))
        .putDisruptedPods("p1", Times.time(Samples.NOW.minus(DisruptionPlan.DELETION)))
        .putDisruptedPods("gone", Times.time(Samples.NOW));

    DisruptionPlan plan = plan(budget.build(), pods(3, 0), 3);

    assertThat(plan.status().getDisruptedPodsMap()).containsOnlyKeys("p0");
    assertThat(plan.status().getCurrentHealthy()).isEqualTo(2);
    assertThat(plan.status().getDisruptionsAllowed()).isZero();
    assertThat(plan.lookAgain()).contains(Duration.ofSeconds(90));
  }

  @Test
  void twoSetsOfOneDeploymentAreOneWorkload() {
    ReplicaSet next = Samples.replicaSet("next", 0);
    List<Pod> pods = new ArrayList<>(pods(2, 0));
    pods.add(Samples.ready(Samples.ownedBy(next, Samples.pod("new")), Samples.NOW));
    String old = SET.getMetadata().getUid();
    String fresh = next.getMetadata().getUid();

    PodDisruptionBudgetStatus status =
        DisruptionPlan.of(
                new DisruptionSnapshot(
                    budget("max", "1"),
                    pods,
                    Map.of(old, 3, fresh, 3),
                    Map.of(old, "deployment", fresh, "deployment"),
                    Samples.NOW))
            .status();

    assertThat(status.getExpectedPods()).isEqualTo(3);
    assertThat(status.getDisruptionsAllowed()).isEqualTo(1);
  }

  @Test
  void podsThatNobodyCanCountAreNotTaken() {
    PodDisruptionBudgetStatus status =
        DisruptionPlan.of(
                new DisruptionSnapshot(
                    budget("max", "1"), pods(3, 0), Map.of(), Map.of(), Samples.NOW))
            .status();

    assertThat(status.getDisruptionsAllowed()).isZero();
    assertThat(status.getConditions(0).getReason()).isEqualTo("SyncFailed");
    assertThat(status.getConditions(0).getMessage()).contains("ReplicaSet \"web\"");
  }

  @Test
  void podsOfNobodyCountForANumberOnly() {
    List<Pod> bare =
        List.of(
            Samples.ready(Samples.pod("a"), Samples.NOW),
            Samples.ready(Samples.pod("b"), Samples.NOW));

    assertThat(plan(budget("min", "1"), bare, 0).status().getDisruptionsAllowed()).isEqualTo(1);
    assertThat(plan(budget("max", "1"), bare, 0).status().getDisruptionsAllowed()).isZero();
  }

  @Test
  void theConditionKeepsItsTimeWhileItStays() {
    PodDisruptionBudget.Builder budget = budget("min", "2").toBuilder();
    budget
        .getStatusBuilder()
        .addConditions(
            Condition.newBuilder()
                .setType("DisruptionAllowed")
                .setStatus("True")
                .setLastTransitionTime(Times.time(Samples.NOW.minusSeconds(500))));

    assertThat(
            plan(budget.build(), pods(3, 0), 3).status().getConditions(0).getLastTransitionTime())
        .isEqualTo(Times.time(Samples.NOW.minusSeconds(500)));
    assertThat(
            plan(budget.build(), pods(2, 0), 3).status().getConditions(0).getLastTransitionTime())
        .isEqualTo(Times.time(Samples.NOW));
  }
}
