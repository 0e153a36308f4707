package io.coxswain.node.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.codec.Times;
import io.coxswain.node.allocation.Standing.Pending;
import io.coxswain.node.runtime.Granted;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A node of 1000 thousandths of a cpu and 1000 bytes.
class AllocationsTest {

  private static final Instant NOON = Instant.parse("2026-11-29T12:00:00Z");

  private final Allocations book =
      new Allocations(new Share(1000, 1000), Clock.fixed(NOON, ZoneOffset.UTC));
  private final List<String> told = new ArrayList<>();

  /// @param cpu that its one container asks for
  private static Pod pod(String name, long generation, String cpu) {
    return pod(name, generation, cpu, "0");
  }

  private static Pod pod(String name, long generation, String cpu, String memory) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder().setName(name).setUid(name).setGeneration(generation);
    pod.getSpecBuilder().addContainers(container("c", cpu, memory));
    return pod.build();
  }

  private static Container.Builder container(String name, String cpu, String memory) {
    return Container.newBuilder().setName(name).setResources(resources(cpu, memory));
  }

  private static ResourceRequirements resources(String cpu, String memory) {
    return ResourceRequirements.newBuilder()
        .putRequests("cpu", Quantities.of(cpu))
        .putRequests("memory", Quantities.of(memory))
        .build();
  }

  private void take(Pod... pods) {
    for (Pod pod : pods) {
      book.take(pod, () -> told.add(pod.getMetadata().getName()));
    }
    book.complete();
  }

  private String cpuOf(String name) {
    Allocation allocation = book.of(name).orElseThrow().allocation();
    return allocation
        .containers()
        .getOrDefault("c", ResourceRequirements.getDefaultInstance())
        .getRequestsOrThrow("cpu")
        .getString();
  }

  private Optional<String> reason(String name) {
    return book.of(name).orElseThrow().pending().map(Pending::reason);
  }

  @Test
  void whatThereIsRoomForIsSetAsideAtOnce() {
    take(pod("a", 1, "200m"), pod("b", 1, "300m"));
    book.want(pod("a", 2, "700m"));
    assertThat(cpuOf("a")).isEqualTo("700m");
    assertThat(book.of("a").orElseThrow().generation()).isEqualTo(2);
    assertThat(reason("a")).isEmpty();
    assertThat(told).containsExactly("a");
  }

  @Test
  void whatThereIsNoRoomForWaitsUntilSomebodyLeaves() {
    take(pod("a", 1, "200m"), pod("b", 1, "600m"));
    book.want(pod("a", 2, "500m"));
    assertThat(cpuOf("a")).isEqualTo("200m");
    assertThat(book.of("a").orElseThrow().pending())
        .contains(
            new Pending(
                "Deferred",
                "Node didn't have enough resource: cpu, requested: 500, used: 600, capacity: 1000",
                2,
                NOON));
    book.drop("b");
    assertThat(cpuOf("a")).isEqualTo("500m");
    assertThat(reason("a")).isEmpty();
    assertThat(told).containsExactly("a", "a");
  }

  @Test
  void aPodThatEndedHoldsNothing() {
    take(pod("a", 1, "200m"), pod("b", 1, "600m"));
    book.want(pod("a", 2, "500m"));
    book.over("b");
    assertThat(cpuOf("a")).isEqualTo("500m");
  }

  @Test
  void whatASmallerPodStillHasIsNotGivenAway() {
    take(pod("a", 1, "200m"), pod("b", 1, "600m"));
    book.has("b", Map.of("c", Granted.of(resources("600m", "0"))));
    book.want(pod("a", 2, "500m"));
    book.want(pod("b", 2, "100m"));
    assertThat(cpuOf("b")).isEqualTo("100m");
    assertThat(reason("a")).contains("Deferred");
    book.has("b", Map.of("c", Granted.of(resources("100m", "0"))));
    assertThat(cpuOf("a")).isEqualTo("500m");
  }

  @Test
  void whatTheNodeNeverHasIsInfeasible() {
    take(pod("a", 1, "200m"));
    book.want(pod("a", 2, "200m", "2000"));
    assertThat(book.of("a").orElseThrow().pending())
        .contains(
            new Pending(
                "Infeasible",
                "Node didn't have enough capacity: memory, requested: 2000, capacity: 1000",
                2,
                NOON));
    book.want(pod("a", 3, "200m"));
    assertThat(reason("a")).as("it wants no more than it has").isEmpty();
  }

  @Test
  void lessIsGivenAlsoWhereTooMuchWasGivenAway() {
    take(pod("a", 1, "800m"), pod("b", 1, "800m"));
    book.want(pod("a", 2, "700m"));
    assertThat(cpuOf("a")).isEqualTo("700m");
  }

  @Test
  void nothingIsDecidedBeforeAllPodsAreKnown() {
    book.take(pod("a", 1, "200m"), () -> told.add("a"));
    book.want(pod("a", 2, "900m"));
    assertThat(cpuOf("a")).isEqualTo("200m");
    book.take(pod("b", 1, "300m"), () -> told.add("b"));
    book.complete();
    assertThat(cpuOf("a")).isEqualTo("200m");
    assertThat(reason("a")).contains("Deferred");
  }

  @Test
  void aSidecarCountsBesideTheRestAndAnInitContainerInItsPlace() {
    Pod.Builder pod = pod("a", 1, "100m").toBuilder();
    pod.getSpecBuilder()
        .addInitContainers(container("sidecar", "50m", "0").setRestartPolicy("Always"))
        .addInitContainers(container("init", "400m", "0"))
        .putOverhead("cpu", Quantities.of("7m"));
    assertThat(Share.of(pod.getSpec())).isEqualTo(new Share(457, 0));
    assertThat(Share.held(pod.getSpec(), Map.of("c", Granted.of(resources("1", "0")))))
        .isEqualTo(new Share(1057, 0));
  }

  /// Two pods that both want all that is left when a third leaves.
  record Turn(String name, Pod first, Pod second, String winner) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Pod.Builder wish(String name) {
    return pod(name, 2, "700m").toBuilder();
  }

  private static Pod waitingSince(String name, Instant when) {
    Pod.Builder pod = wish(name);
    pod.getStatusBuilder()
        .addConditionsBuilder()
        .setType("PodResizePending")
        .setLastTransitionTime(Times.time(when));
    return pod.build();
  }

  private static Pod important(String name, int priority) {
    Pod.Builder pod = wish(name);
    pod.getSpecBuilder().setPriority(priority);
    return pod.build();
  }

  private static Pod guaranteed(String name) {
    Pod.Builder pod = wish(name);
    pod.getSpecBuilder()
        .getContainersBuilder(0)
        .getResourcesBuilder()
        .putRequests("memory", Quantities.of("1"))
        .putLimits("cpu", Quantities.of("700m"))
        .putLimits("memory", Quantities.of("1"));
    return pod.build();
  }

  static List<Turn> turns() {
    return List.of(
        new Turn(
            "who has waited longer",
            waitingSince("a", NOON.minusSeconds(1)),
            waitingSince("b", NOON.minusSeconds(2)),
            "b"),
        new Turn(
            "the guaranteed one before",
            waitingSince("a", NOON.minusSeconds(9)),
            guaranteed("b"),
            "b"),
        new Turn("the more important one before", guaranteed("a"), important("b", 1), "b"),
        new Turn("the first of two that are alike", wish("a").build(), wish("b").build(), "a"));
  }

  @ParameterizedTest
  @MethodSource
  void turns(Turn turn) {
    Pod third = pod("third", 1, "800m");
    take(pod("a", 1, "100m"), pod("b", 1, "100m"), third);
    book.want(turn.first());
    book.want(turn.second());
    assertThat(List.of(reason("a"), reason("b"))).containsOnly(Optional.of("Deferred"));
    book.drop("third");
    String loser = turn.winner().equals("a") ? "b" : "a";
    assertThat(cpuOf(turn.winner())).isEqualTo("700m");
    assertThat(cpuOf(loser)).isEqualTo("100m");
  }

  @Test
  void whoWantsNoMoreComesBeforeAllOthers() {
    take(pod("a", 1, "100m"), pod("b", 1, "800m"), pod("c", 1, "100m"));
    book.want(important("a", 9));
    book.want(pod("b", 2, "100m"));
    assertThat(cpuOf("b")).isEqualTo("100m");
    assertThat(cpuOf("a")).isEqualTo("700m");
  }

  @Test
  void anotherWorkerForThePodFindsItAsItWas() {
    take(pod("a", 1, "200m"), pod("b", 1, "600m"));
    book.want(pod("a", 2, "500m"));
    book.take(pod("a", 1, "200m"), () -> told.add("again"));
    assertThat(reason("a")).contains("Deferred");
    book.drop("b");
    assertThat(told).endsWith("again");
    assertThat(cpuOf("a")).isEqualTo("500m");
  }
}
