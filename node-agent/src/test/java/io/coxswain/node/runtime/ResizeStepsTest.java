package io.coxswain.node.runtime;

import static io.coxswain.node.host.ControlGroups.Limit.CPU_QUOTA;
import static io.coxswain.node.host.ControlGroups.Limit.CPU_SHARES;
import static io.coxswain.node.host.ControlGroups.Limit.MEMORY;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.host.ControlGroups.Limit;
import io.coxswain.node.runtime.ResizeSteps.Change;
import io.coxswain.node.runtime.ResizeSteps.Named;
import io.coxswain.node.runtime.ResizeSteps.Step;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ResizeStepsTest {

  record Case(
      String name, PodResources now, PodResources wanted, List<Change> changes, List<Step> steps) {
    @Override
    public String toString() {
      return name;
    }
  }

  /// @param resources as `cpu=100m`, of which the limit is the request
  private static Granted granted(String... resources) {
    ResourceRequirements.Builder amounts = ResourceRequirements.newBuilder();
    for (String resource : resources) {
      String[] pair = resource.split("=", 2);
      amounts
          .putRequests(pair[0], Quantities.of(pair[1]))
          .putLimits(pair[0], Quantities.of(pair[1]));
    }
    return Granted.of(amounts.build());
  }

  private static Granted requests(String name, String amount) {
    return new Granted(Map.of(name, amount), Map.of());
  }

  private static Step pod(Limit what, long value) {
    return new Step.Write(Optional.empty(), what, value);
  }

  private static Step of(String id, Limit what, long value) {
    return new Step.Write(Optional.of(id), what, value);
  }

  private static Step done(String id, String resource) {
    return new Step.Done(id, resource);
  }

  private static final PodResources SMALL = new PodResources(102, 10_000, 1000);
  private static final PodResources LARGE = new PodResources(204, 20_000, 2000);

  static List<Case> order() {
    Change more =
        new Change("a", granted("cpu=100m", "memory=1000"), granted("cpu=200m", "memory=2000"));
    Change less =
        new Change("b", granted("cpu=200m", "memory=2000"), granted("cpu=100m", "memory=1000"));
    return List.of(
        new Case("nothing", SMALL, SMALL, List.of(), List.of()),
        new Case(
            "a pod that gets more is first, its limits before its weight",
            SMALL,
            LARGE,
            List.of(more),
            List.of(
                pod(MEMORY, 2000),
                of("a", MEMORY, 2000),
                done("a", "memory"),
                pod(CPU_QUOTA, 20_000),
                pod(CPU_SHARES, 204),
                of("a", CPU_QUOTA, 20_000),
                of("a", CPU_SHARES, 204),
                done("a", "cpu"))),
        new Case(
            "a pod that gets less is last, its weight before its limits",
            LARGE,
            SMALL,
            List.of(less),
            List.of(
                of("b", MEMORY, 1000),
                done("b", "memory"),
                pod(MEMORY, 1000),
                of("b", CPU_QUOTA, 10_000),
                of("b", CPU_SHARES, 102),
                done("b", "cpu"),
                pod(CPU_SHARES, 102),
                pod(CPU_QUOTA, 10_000))),
        new Case(
            "who gets less comes before who gets more",
            LARGE,
            LARGE,
            List.of(more, less),
            List.of(
                of("b", MEMORY, 1000),
                done("b", "memory"),
                of("a", MEMORY, 2000),
                done("a", "memory"),
                of("b", CPU_QUOTA, 10_000),
                of("b", CPU_SHARES, 102),
                done("b", "cpu"),
                of("a", CPU_QUOTA, 20_000),
                of("a", CPU_SHARES, 204),
                done("a", "cpu"))),
        new Case(
            "memory that is asked for is no limit of the kernel's",
            SMALL,
            SMALL,
            List.of(new Change("a", requests("memory", "1"), requests("memory", "2"))),
            List.of(done("a", "memory"))),
        new Case(
            "a first limit is less than none",
            new PodResources(2, -1, -1),
            SMALL,
            List.of(new Change("a", Granted.NOTHING, granted("cpu=100m", "memory=1000"))),
            List.of(
                of("a", MEMORY, 1000),
                done("a", "memory"),
                pod(MEMORY, 1000),
                pod(CPU_SHARES, 102),
                of("a", CPU_QUOTA, 10_000),
                of("a", CPU_SHARES, 102),
                done("a", "cpu"),
                pod(CPU_QUOTA, 10_000))),
        new Case(
            "no limit is more than any",
            SMALL,
            new PodResources(102, -1, -1),
            List.of(),
            List.of(pod(MEMORY, -1), pod(CPU_QUOTA, -1))));
  }

  @ParameterizedTest
  @MethodSource
  void order(Case test) {
    assertThat(ResizeSteps.of(test.now(), test.wanted(), test.changes()))
        .containsExactlyElementsOf(test.steps());
  }

  private static List<String> tooLow(
      PodResources now, PodResources wanted, Change change, long used) {
    return ResizeSteps.tooLow(now, wanted, List.of(new Named("main", change)), _ -> used);
  }

  @Test
  void limitsBelowWhatIsUsedAreNamed() {
    Change less = new Change("a", granted("memory=2000"), granted("memory=1000"));
    assertThat(tooLow(LARGE, SMALL, less, 1000))
        .containsExactly(
            "attempting to set pod memory limit (1000) below current usage (1000)",
            "attempting to set container \"main\" memory limit (1000) below current usage (1000)");
    assertThat(tooLow(LARGE, SMALL, less, 999)).isEmpty();
    assertThat(tooLow(SMALL, LARGE, less, 1500)).hasSize(1);
    Change first = new Change("a", Granted.NOTHING, granted("memory=1000"));
    assertThat(tooLow(new PodResources(2, -1, -1), SMALL, first, 1500)).hasSize(2);
    Change more = new Change("a", granted("memory=1000"), granted("memory=2000"));
    assertThat(tooLow(SMALL, LARGE, more, 9999)).isEmpty();
  }

  @Test
  void amountsAreComparedAndNotTheirWords() {
    Granted now = new Granted(Map.of("cpu", "1"), Map.of("memory", "1Ki"));
    assertThat(now.differences(new Granted(Map.of("cpu", "1000m"), Map.of("memory", "1024"))))
        .isEmpty();
    assertThat(now.differences(new Granted(Map.of("cpu", "1"), Map.of())))
        .containsExactly("memory");
    assertThat(Granted.NOTHING.differences(new Granted(Map.of("cpu", "0"), Map.of()))).isEmpty();
    ResourceRequirements wanted =
        ResourceRequirements.newBuilder()
            .putRequests("example.com/gpu", Quantities.of("1"))
            .putRequests("cpu", Quantities.of("3"))
            .putLimits("cpu", Quantities.of("5"))
            .build();
    assertThat(now.applied(wanted))
        .isEqualTo(
            ResourceRequirements.newBuilder()
                .putRequests("example.com/gpu", Quantities.of("1"))
                .putRequests("cpu", Quantities.of("1"))
                .build());
  }
}
