package io.coxswain.node.podworker;

import static io.coxswain.node.podworker.Situation.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.coxswain.api.core.v1.ContainerStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.codec.Times;
import io.coxswain.node.allocation.Standing.Pending;
import io.coxswain.node.podworker.Situation.One;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PodStatusesTest {

  private static final Variables.NodeFacts NODE =
      new Variables.NodeFacts(
          "n", List.of(InetAddress.ofLiteral("192.0.2.1")), 2000, 1 << 30, 1 << 30, Map.of());

  record Case(String name, Situation situation, String phase) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Case> phases() {
    return List.of(
        new Case("new", new Situation("Always").container(One.main("a")), "Pending"),
        new Case(
            "init runs",
            up("Always").container(One.init("i").running()).container(One.main("a")),
            "Pending"),
        new Case(
            "one of two has begun",
            up("Always").container(One.main("a").running()).container(One.main("b")),
            "Pending"),
        new Case("runs", up("Always").container(One.main("a").running()), "Running"),
        new Case("crashes", up("Always").container(One.main("a").ended(1)), "Running"),
        new Case("succeeded", up("Never").container(One.main("a").ended(0)), "Succeeded"),
        new Case("failed", up("Never").container(One.main("a").ended(2)), "Failed"),
        new Case(
            "one of two failed",
            up("Never").container(One.main("a").ended(0)).container(One.main("b").ended(1)),
            "Failed"),
        new Case(
            "init failed",
            up("Never").container(One.init("i").ended(1)).container(One.main("a")),
            "Failed"),
        new Case(
            "its sidecar still runs",
            up("Never").container(One.sidecar("s").running()).container(One.main("a").ended(0)),
            "Running"),
        new Case(
            "over its deadline and ending",
            up("Always").failed("DeadlineExceeded").container(One.main("a").running()),
            "Running"),
        new Case(
            "over its deadline and ended",
            up("Always").failed("DeadlineExceeded").container(One.main("a").ended(143)),
            "Failed"));
  }

  private static Situation up(String policy) {
    return new Situation(policy).setUp();
  }

  @ParameterizedTest
  @MethodSource("phases")
  void phaseIs(Case one) {
    assertThat(PodStatuses.phase(one.situation().snapshot())).isEqualTo(one.phase());
  }

  private static String condition(PodStatus status, String type) {
    return status.getConditionsList().stream()
        .filter(one -> one.getType().equals(type))
        .map(one -> one.getStatus() + one.getReason())
        .findFirst()
        .orElse("none");
  }

  @Test
  void aReadyPod() {
    PodStatus status =
        PodStatuses.of(up("Always").container(One.main("a").running()).snapshot(), "", NODE);
    assertThat(status.getPodIP()).isEqualTo("10.244.0.5");
    assertThat(status.getHostIP()).isEqualTo("192.0.2.1");
    assertThat(condition(status, "Ready")).isEqualTo("True");
    assertThat(condition(status, "Initialized")).isEqualTo("True");
    assertThat(status.getContainerStatuses(0).getState().hasRunning()).isTrue();
    assertThat(status.getContainerStatuses(0).getContainerID()).isEqualTo("coxswain://id-a");
  }

  @Test
  void nothingWaitsInAPodThatWasRefused() {
    Failure refused = Failure.refused("OutOfcpu", "Node didn't have enough resource: cpu");
    Situation situation =
        new Situation("Always")
            .failed("OutOfcpu")
            .container(One.init("i"))
            .container(One.main("a"));

    PodStatus status = PodStatuses.of(situation.snapshot(), refused, NODE);

    assertThat(status.getPhase()).isEqualTo("Failed");
    assertThat(status.getMessage())
        .isEqualTo("Pod was rejected: Node didn't have enough resource: cpu");
    assertThat(status.getContainerStatusesList()).isEmpty();
    assertThat(status.getInitContainerStatusesList()).isEmpty();
    // nor when an agent that comes later reads what this one wrote
    PodStatus later =
        PodStatuses.of(
            situation.with(pod -> pod.setStatus(status)).snapshot(), Failure.of(status), NODE);
    assertThat(later).isEqualTo(status);
  }

  @Test
  void aContainerThatWasAddedCountsForNothing() {
    PodStatus status =
        PodStatuses.of(
            up("Always")
                .container(One.main("a").running())
                .container(One.ephemeral("e"))
                .container(One.ephemeral("f").ended(1))
                .snapshot(),
            "",
            NODE);
    assertThat(status.getPhase()).isEqualTo("Running");
    assertThat(condition(status, "Ready")).isEqualTo("True");
    assertThat(condition(status, "Initialized")).isEqualTo("True");
    assertThat(status.getContainerStatusesCount()).isEqualTo(1);
    assertThat(status.getEphemeralContainerStatuses(0).getState().getWaiting().getReason())
        .isEqualTo("ContainerCreating");
    assertThat(status.getEphemeralContainerStatuses(1).getState().getTerminated().getExitCode())
        .isEqualTo(1);
  }

  @Test
  void whatIsThereAlreadyIsWrittenAnew() {
    Situation situation =
        up("Always")
            .container(One.init("i").ended(0))
            .container(One.main("a").running())
            .container(One.ephemeral("e").running());
    PodStatus first = PodStatuses.of(situation.snapshot(), "", NODE);

    PodStatus second =
        PodStatuses.of(situation.with(pod -> pod.setStatus(first)).snapshot(), "", NODE);

    assertThat(second).isEqualTo(first);
  }

  @Test
  void whileThereAreInitContainersAllOthersWaitForThem() {
    PodStatus status =
        PodStatuses.of(
            up("Always")
                .with(pod -> pod.getSpecBuilder().addInitContainersBuilder().setName("i"))
                .with(pod -> pod.getSpecBuilder().addInitContainersBuilder().setName("j"))
                .container(One.init("i").running())
                .container(One.init("j"))
                .container(One.main("a"))
                .snapshot(),
            "",
            NODE);
    assertThat(status.getInitContainerStatuses(1).getState().getWaiting().getReason())
        .isEqualTo("PodInitializing");
    assertThat(status.getContainerStatuses(0).getState().getWaiting().getReason())
        .isEqualTo("PodInitializing");
  }

  @Test
  void anUnreadyContainerIsNamed() {
    PodStatus status =
        PodStatuses.of(
            up("Always").container(One.main("a").running().unready()).snapshot(), "", NODE);
    assertThat(condition(status, "Ready")).isEqualTo("FalseContainersNotReady");
    assertThat(status.getConditionsList())
        .anyMatch(one -> one.getMessage().equals("containers with unready status: [a]"));
  }

  @Test
  void aCrashLoopShowsItsLastEnd() {
    PodStatus status =
        PodStatuses.of(
            up("Always")
                .container(One.main("a").ended(3).notBefore(NOON.plusSeconds(10)))
                .snapshot(),
            "",
            NODE);
    assertThat(status.getContainerStatuses(0).getState().getWaiting().getReason())
        .isEqualTo("CrashLoopBackOff");
    assertThat(status.getContainerStatuses(0).getLastState().getTerminated().getExitCode())
        .isEqualTo(3);
  }

  @Test
  void conditionsOfOthersStayAndAGateKeepsThePodUnready() {
    PodCondition gate = PodCondition.newBuilder().setType("lb").setStatus("False").build();
    Situation situation =
        up("Always")
            .with(pod -> {
              pod.getSpecBuilder().addReadinessGatesBuilder().setConditionType("lb");
              pod.getStatusBuilder()
                  .addConditions(gate)
                  .addConditions(
                      PodCondition.newBuilder()
                          .setType("ContainersReady")
                          .setStatus("True")
                          .setLastTransitionTime(Times.time(NOON.minusSeconds(50))));
            })
            .container(One.main("a").running());
    PodStatus status = PodStatuses.of(situation.snapshot(), "", NODE);
    assertThat(status.getConditionsList()).contains(gate);
    assertThat(condition(status, "ContainersReady")).isEqualTo("True");
    assertThat(condition(status, "Ready")).isEqualTo("FalseReadinessGatesNotReady");
    assertThat(status.getConditionsList())
        .filteredOn(one -> one.getType().equals("ContainersReady"))
        .allMatch(one -> one.getLastTransitionTime().equals(Times.time(NOON.minusSeconds(50))));
  }

  @Test
  void whatIsSetAsideIsToldBesideWhatThereIs() {
    Situation situation =
        up("Always")
            .container(One.main("a").wants("cpu=100m").granted().wants("cpu=200m"))
            .container(One.main("b").wants("memory=1Mi").ended(1))
            .container(One.main("c").wants("cpu=1"));
    PodStatus status = PodStatuses.of(situation.snapshot(), "", NODE);
    ContainerStatus running = status.getContainerStatuses(0);
    assertThat(running.getResources().getLimitsOrThrow("cpu").getString()).isEqualTo("100m");
    ContainerStatus ended = status.getContainerStatuses(1);
    assertThat(ended.getResources().getLimitsOrThrow("memory").getString()).isEqualTo("1Mi");
    assertThat(status.getContainerStatuses(2).hasResources()).as("it never began").isFalse();
  }

  @Test
  void howFarOtherResourcesAreIsTwoConditions() {
    ResizeView view =
        new ResizeView(
            Optional.of(new Pending("Deferred", "no room", 3, NOON)),
            Optional.of(new ResizeView.Progress(2, "in use", NOON)),
            false,
            ResourceRequirements.getDefaultInstance(),
            NOON);
    Situation situation = up("Always").resizing(view).container(One.main("a").running());
    PodStatus status = PodStatuses.of(situation.snapshot(), "", NODE);
    assertThat(status.getConditionsList())
        .filteredOn(one -> one.getType().startsWith("PodResize"))
        .extracting(
            PodCondition::getType,
            PodCondition::getStatus,
            PodCondition::getReason,
            PodCondition::getMessage,
            PodCondition::getObservedGeneration)
        .containsExactly(
            tuple("PodResizePending", "True", "Deferred", "no room", 3L),
            tuple("PodResizeInProgress", "True", "Error", "in use", 2L));
    PodStatus after =
        PodStatuses.of(
            situation.resizing(ResizeView.NONE).with(pod -> pod.setStatus(status)).snapshot(),
            "",
            NODE);
    assertThat(after.getConditionsList())
        .extracting(PodCondition::getType)
        .doesNotContain("PodResizePending", "PodResizeInProgress");
  }

  @Test
  void eventsNameTheResourcesForPrograms() {
    Pod.Builder pod = Pod.newBuilder();
    pod.getSpecBuilder()
        .addContainersBuilder()
        .setName("a")
        .getResourcesBuilder()
        .putRequests("cpu", Quantities.of("200m"))
        .putLimits("cpu", Quantities.of("1"));
    pod.getSpecBuilder().addInitContainersBuilder().setName("i");
    assertThat(ResizeEvents.text("Deferred", pod.build(), 4, "no room"))
        .isEqualTo(
            "Pod resize Deferred: {\"initContainers\":[{\"name\":\"i\",\"resources\":{}}],"
                + "\"containers\":[{\"name\":\"a\",\"resources\":{\"limits\":{\"cpu\":\"1\"},"
                + "\"requests\":{\"cpu\":\"200m\"}}}],\"generation\":4,\"error\":\"no room\"}");
  }
}
