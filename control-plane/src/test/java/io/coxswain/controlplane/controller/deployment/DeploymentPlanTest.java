package io.coxswain.controlplane.controller.deployment;

import static io.coxswain.controlplane.controller.framework.Samples.NOW;
import static io.coxswain.controlplane.controller.framework.Samples.deployment;
import static io.coxswain.controlplane.controller.framework.Samples.intOrString;
import static io.coxswain.controlplane.controller.framework.Samples.rolling;
import static io.coxswain.controlplane.controller.framework.Samples.template;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.DeploymentCondition;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.controller.framework.IntOrPercent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DeploymentPlanTest {

  // A set of the given version: its spec and what of it is available.
  private record Version(String image, int size, int available) {}

  record Step(
      String name, int replicas, String surge, String unavailable, List<?> sets, String sizes) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Step> steps() {
    return List.of(
        new Step(
            "surge first", 4, "1", "0", List.of(v("old", 4, 4), v("one", 0, 0)), "old=4 one=1"),
        new Step("no room", 4, "1", "0", List.of(v("old", 4, 4), v("one", 1, 0)), "old=4 one=1"),
        new Step(
            "one for one", 4, "1", "0", List.of(v("old", 4, 4), v("one", 1, 1)), "old=3 one=1"),
        new Step("down first", 4, "0", "1", List.of(v("old", 4, 4), v("one", 0, 0)), "old=3 one=0"),
        new Step("then up", 4, "0", "1", List.of(v("old", 3, 3), v("one", 0, 0)), "old=3 one=1"),
        new Step(
            "quarter", 10, "25%", "25%", List.of(v("old", 10, 10), v("one", 0, 0)), "old=8 one=3"),
        new Step(
            "broken goes first",
            4,
            "1",
            "0",
            List.of(v("a", 3, 3), v("b", 1, 0), v("one", 1, 1)),
            "a=3 b=0 one=1"),
        new Step("too large", 2, "1", "0", List.of(v("one", 4, 4)), "one=2"),
        new Step("last old", 2, "1", "0", List.of(v("old", 1, 1), v("one", 2, 2)), "old=0 one=2"));
  }

  @ParameterizedTest
  @MethodSource("steps")
  void rollsStepByStep(Step step) {
    Deployment deployment =
        deployment(
            "web", step.replicas(), s -> s.setStrategy(rolling(step.surge(), step.unavailable())));
    List<ReplicaSet> sets = step.sets().stream().map(s -> set(deployment, (Version) s)).toList();

    DeploymentPlan plan = plan(deployment, sets);

    assertThat(sizes(sets, plan)).isEqualTo(step.sizes());
  }

  @Test
  void aFirstTemplateMakesItsSetAtFullSize() {
    Deployment deployment = deployment("web", 3, s -> {});

    DeploymentPlan plan = plan(deployment, List.of());

    ReplicaSet created = ((Action.Create) plan.actions().getFirst()).set();
    String hash =
        created.getSpec().getTemplate().getMetadata().getLabelsMap().get("pod-template-hash");
    assertThat(created.getMetadata().getName()).isEqualTo("web-" + hash);
    assertThat(created.getSpec().getReplicas()).isEqualTo(3);
    assertThat(created.getSpec().getSelector().getMatchLabelsMap())
        .isEqualTo(Map.of("app", "web", "pod-template-hash", hash));
    assertThat(created.getMetadata().getAnnotationsMap())
        .containsEntry(Annotations.REVISION, "1")
        .containsEntry(Annotations.DESIRED_REPLICAS, "3")
        .containsEntry(Annotations.MAX_REPLICAS, "4");
    assertThat(created.getMetadata().getOwnerReferences(0).getController()).isTrue();
    assertThat(plan.actions()).contains(new Action.NoteRevision(1));
    assertThat(reason(plan, Progress.PROGRESSING)).isEqualTo("NewReplicaSetCreated");
  }

  @Test
  void rollingBackReusesTheOldSetWithANewRevision() {
    Deployment deployment = deployment("web", 1, s -> {});
    ReplicaSet first = annotated(set(deployment, v("one", 0, 0)), "1");
    ReplicaSet second = annotated(set(deployment, v("two", 1, 1)), "2");

    DeploymentPlan plan = plan(deployment, List.of(first, second));

    ReplicaSet updated = updates(plan).getOrDefault(first.getMetadata().getName(), first);
    assertThat(updated.getMetadata().getAnnotationsMap())
        .containsEntry(Annotations.REVISION, "3")
        .containsEntry(Annotations.REVISION_HISTORY, "1");
    assertThat(plan.actions()).contains(new Action.NoteRevision(3));
    assertThat(updated.getSpec().getReplicas()).isEqualTo(1);
  }

  @Test
  void historyKeepsTheNewestRevisions() {
    Deployment deployment = deployment("web", 1, s -> s.setRevisionHistoryLimit(2));
    List<ReplicaSet> sets =
        List.of(
            annotated(set(deployment, v("a", 0, 0)), "4"),
            annotated(set(deployment, v("b", 0, 0)), "1"),
            annotated(set(deployment, v("c", 0, 0)), "3"),
            annotated(set(deployment, v("d", 0, 0)), "2"),
            annotated(set(deployment, v("one", 1, 1)), "5"));

    DeploymentPlan plan = plan(deployment, sets);

    assertThat(plan.actions())
        .filteredOn(Action.Delete.class::isInstance)
        .extracting(a -> ((Action.Delete) a).set().getMetadata().getName())
        .containsExactly("web-b", "web-d");
  }

  @Test
  void aPausedDeploymentScalesButDoesNotRoll() {
    Deployment deployment =
        deployment("web", 6, s -> s.setPaused(true).setTemplate(template("two")));
    ReplicaSet old = sized(set(deployment, v("one", 4, 4)), 4, 5);

    DeploymentPlan plan = plan(deployment, List.of(old));

    assertThat(sizes(List.of(old), plan)).isEqualTo("one=6");
    assertThat(plan.actions()).noneMatch(Action.Create.class::isInstance);
    assertThat(reason(plan, Progress.PROGRESSING)).isEqualTo("DeploymentPaused");
  }

  @Test
  void scalingHalfWaySpreadsByShare() {
    Deployment deployment = deployment("web", 15, s -> s.setStrategy(rolling("3", "2")));
    ReplicaSet old = sized(set(deployment, v("old", 8, 8)), 10, 13);
    ReplicaSet current = sized(set(deployment, v("one", 5, 0)), 10, 13);

    DeploymentPlan plan = plan(deployment, List.of(old, current));

    assertThat(sizes(List.of(old, current), plan)).isEqualTo("old=11 one=7");
  }

  @ParameterizedTest
  @CsvSource({
    "10, 25%, 25%, 3, 2",
    "4, 25%, 25%, 1, 1",
    "3, 25%, 25%, 1, 0",
    "1, 0, 0, 0, 1",
    "0, 25%, 25%, 0, 0",
    "2, 100%, 0, 2, 0",
    "5, 2, 10, 2, 5"
  })
  void sharesAreRoundedInFavourOfAvailability(
      int replicas, String maxSurge, String maxUnavailable, int surge, int unavailable) {
    Bounds bounds =
        Bounds.of(
            deployment("web", replicas, s -> s.setStrategy(rolling(maxSurge, maxUnavailable))));

    assertThat(bounds).isEqualTo(new Bounds(replicas, surge, unavailable));
  }

  @Test
  void whatIsNoPercentageIsRefused() {
    var broken = intOrString("5%").toBuilder().setStrVal("many").build();

    org.assertj.core.api.Assertions.assertThatThrownBy(() -> IntOrPercent.floor(broken, 3))
        .hasMessageContaining("many");
  }

  @Test
  void aRolloutThatDoesNotMoveExceedsItsDeadline() {
    Deployment deployment = deployment("web", 1, s -> s.setProgressDeadlineSeconds(60));
    ReplicaSet set = sized(set(deployment, v("one", 1, 0)), 1, 2);
    deployment = condition(deployment, "ReplicaSetUpdated", NOW.minusSeconds(61));
    deployment = statusOf(deployment, set);

    DeploymentPlan late = plan(deployment, List.of(set));
    DeploymentPlan early =
        plan(condition(deployment, "ReplicaSetUpdated", NOW.minusSeconds(20)), List.of(set));

    assertThat(reason(late, Progress.PROGRESSING)).isEqualTo(Progress.DEADLINE_EXCEEDED);
    assertThat(late.lookAgain()).isEmpty();
    assertThat(reason(early, Progress.PROGRESSING)).isEqualTo("ReplicaSetUpdated");
    assertThat(early.lookAgain()).contains(Duration.ofSeconds(41));
  }

  @Test
  void aCompleteRolloutIsAvailableAndStaysSo() {
    Deployment deployment = deployment("web", 2, s -> {});
    ReplicaSet set = sized(set(deployment, v("one", 2, 2)), 2, 3);

    DeploymentPlan plan = plan(deployment, List.of(set));

    assertThat(reason(plan, Progress.PROGRESSING)).isEqualTo(Progress.NEW_AVAILABLE);
    assertThat(reason(plan, Progress.AVAILABLE)).isEqualTo("MinimumReplicasAvailable");
    Deployment stored = deployment.toBuilder().setStatus(plan.status()).build();
    assertThat(
            DeploymentPlan.of(
                    new DeploymentSnapshot(
                        stored, List.of(set), Set.of(), NOW.plus(Duration.ofDays(1))))
                .status())
        .isEqualTo(plan.status());
  }

  @Test
  void equalTemplatesHaveEqualNamesAndCollisionsOthers() {
    String name = TemplateHash.of(template("one"), 0);

    assertThat(TemplateHash.of(template("one"), 0)).isEqualTo(name).hasSize(10);
    assertThat(TemplateHash.of(template("one"), 1)).isNotEqualTo(name);
    assertThat(TemplateHash.of(template("two"), 0)).isNotEqualTo(name);
  }

  private static Version v(String image, int size, int available) {
    return new Version(image, size, available);
  }

  private static DeploymentPlan plan(Deployment deployment, List<ReplicaSet> sets) {
    return DeploymentPlan.of(new DeploymentSnapshot(deployment, sets, Set.of(), NOW));
  }

  private static ReplicaSet set(Deployment deployment, Version version) {
    Deployment.Builder of = deployment.toBuilder();
    of.getSpecBuilder().setTemplate(template(version.image()));
    ReplicaSet set = NewReplicaSet.of(new Rollout(of.build(), List.of()), version.size());
    ReplicaSet.Builder built = set.toBuilder();
    built
        .getMetadataBuilder()
        .setName("web-" + version.image())
        .setUid("uid-" + version.image())
        .setGeneration(1)
        .setCreationTimestamp(Times.time(NOW.minusSeconds(100)));
    built
        .getStatusBuilder()
        .setObservedGeneration(1)
        .setReplicas(version.size())
        .setReadyReplicas(version.available())
        .setAvailableReplicas(version.available());
    return built.build();
  }

  private static ReplicaSet annotated(ReplicaSet set, String revision) {
    return edit(set, s -> s.getMetadataBuilder().putAnnotations(Annotations.REVISION, revision));
  }

  private static ReplicaSet sized(ReplicaSet set, int desired, int max) {
    return edit(
        set,
        s ->
            s.getMetadataBuilder()
                .putAnnotations(Annotations.DESIRED_REPLICAS, Integer.toString(desired))
                .putAnnotations(Annotations.MAX_REPLICAS, Integer.toString(max)));
  }

  private static ReplicaSet edit(ReplicaSet set, Consumer<ReplicaSet.Builder> edit) {
    ReplicaSet.Builder edited = set.toBuilder();
    edit.accept(edited);
    return edited.build();
  }

  private static Deployment condition(Deployment deployment, String reason, Instant updated) {
    Deployment.Builder edited = deployment.toBuilder();
    edited
        .getStatusBuilder()
        .clearConditions()
        .addConditions(
            DeploymentCondition.newBuilder()
                .setType(Progress.PROGRESSING)
                .setStatus("True")
                .setReason(reason)
                .setLastUpdateTime(Times.time(updated)));
    return edited.build();
  }

  private static Deployment statusOf(Deployment deployment, ReplicaSet set) {
    Deployment.Builder edited = deployment.toBuilder();
    int replicas = set.getStatus().getReplicas();
    edited.getStatusBuilder().setReplicas(replicas).setUpdatedReplicas(replicas);
    return edited.build();
  }

  private static String reason(DeploymentPlan plan, String type) {
    return plan.status().getConditionsList().stream()
        .filter(c -> c.getType().equals(type))
        .map(DeploymentCondition::getReason)
        .findFirst()
        .orElse("");
  }

  private static Map<String, ReplicaSet> updates(DeploymentPlan plan) {
    Map<String, ReplicaSet> updates = new TreeMap<>();
    for (Action action : plan.actions()) {
      if (action instanceof Action.Update(var before, var after)) {
        updates.put(before.getMetadata().getName(), after);
      }
    }
    return updates;
  }

  private static String sizes(List<ReplicaSet> sets, DeploymentPlan plan) {
    Map<String, ReplicaSet> updates = updates(plan);
    StringBuilder text = new StringBuilder();
    for (ReplicaSet set : sets) {
      String name = set.getMetadata().getName();
      int size = updates.getOrDefault(name, set).getSpec().getReplicas();
      text.append(text.isEmpty() ? "" : " ").append(name.substring("web-".length()));
      text.append('=').append(size);
    }
    return text.toString();
  }
}
