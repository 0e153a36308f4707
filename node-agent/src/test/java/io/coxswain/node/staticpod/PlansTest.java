package io.coxswain.node.staticpod;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Pod;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What begins and ends, and what is shown of it.
class PlansTest {

  private static Pod pod(String name, String uid) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder().setName(name).setNamespace("default").setUid(uid);
    return pod.build();
  }

  private static Pod mirror(String name, String of) {
    Pod.Builder pod = pod(name, "m-" + of).toBuilder();
    pod.getMetadataBuilder().putAnnotations("kubernetes.io/config.mirror", of);
    return pod.build();
  }

  private static Pod ending(Pod mirror) {
    Pod.Builder ending = mirror.toBuilder();
    ending.getMetadataBuilder().getDeletionTimestampBuilder().setSeconds(1);
    return ending.build();
  }

  record Running(
      String name,
      List<Pod> wanted,
      List<Pod> runs,
      boolean unsure,
      List<Pod> begin,
      List<Pod> end) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final Pod OLD = pod("a", "1");
  private static final Pod NEW = pod("a", "2");
  private static final Pod OTHER = pod("b", "3");
  private static final List<Pod> NONE = List.of();

  static List<Running> running() {
    return List.of(
        new Running("new", List.of(OLD), NONE, false, List.of(OLD), NONE),
        new Running("as it was", List.of(OLD), List.of(OLD), false, NONE, NONE),
        new Running(
            "changed: first one ends", List.of(NEW), List.of(OLD), false, NONE, List.of(OLD)),
        new Running("then the other begins", List.of(NEW), NONE, false, List.of(NEW), NONE),
        new Running("taken away", NONE, List.of(OLD), false, NONE, List.of(OLD)),
        new Running("perhaps taken away", NONE, List.of(OLD), true, NONE, NONE),
        new Running(
            "changed beside a bad file",
            List.of(NEW),
            List.of(OLD, OTHER),
            true,
            NONE,
            List.of(OLD)));
  }

  @ParameterizedTest
  @MethodSource("running")
  void whatBeginsAndEnds(Running one) {
    assertThat(StaticPlan.of(one.wanted(), one.runs(), one.unsure()))
        .isEqualTo(new StaticPlan(one.begin(), one.end()));
  }

  record Shown(String name, List<Pod> runs, List<Pod> mirrors, List<Pod> create, List<Pod> delete) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Shown> shown() {
    Pod good = mirror("a", "1");
    return List.of(
        new Shown("not shown yet", List.of(OLD), NONE, List.of(OLD), NONE),
        new Shown("shown", List.of(OLD), List.of(good), NONE, NONE),
        new Shown("of another one", List.of(NEW), List.of(good), NONE, List.of(good)),
        new Shown("of none", NONE, List.of(good), NONE, List.of(good)),
        new Shown(
            "that somebody deletes",
            List.of(OLD),
            List.of(ending(good)),
            NONE,
            List.of(ending(good))));
  }

  @ParameterizedTest
  @MethodSource("shown")
  void whatIsShown(Shown one) {
    MirrorPlan plan = MirrorPlan.of(one.runs(), one.mirrors());
    assertThat(plan.create()).isEqualTo(one.create());
    assertThat(plan.delete()).isEqualTo(one.delete());
  }
}
