package io.coxswain.controlplane.admission.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.scheduling.v1.PriorityClass;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class PrioritiesTest {

  private final Priorities plugin = new Priorities();
  private final FakeObjects objects = new FakeObjects();

  private static Pod pod(String spec) {
    return Requests.object(
        Pod.class,
        "metadata: {name: web, namespace: shop}\nspec:\n"
            + (spec + "containers: [{name: c, image: i}]").indent(2));
  }

  private static PriorityClass of(String name, int value, String rest) {
    return Requests.object(
        PriorityClass.class, "metadata: {name: " + name + "}\nvalue: " + value + "\n" + rest);
  }

  record Given(String about, String defaults, String spec, int priority, String policy) {
    @Override
    public String toString() {
      return about;
    }
  }

  static Stream<Given> given() {
    return Stream.of(
        new Given("no class at all", "false", "", 0, "PreemptLowerPriority"),
        new Given("the default", "true", "", 100, "PreemptLowerPriority"),
        new Given("a class by name", "true", "priorityClassName: low\n", 7, "Never"),
        new Given("said rightly", "true", "priorityClassName: low\npriority: 7\n", 7, "Never"));
  }

  @ParameterizedTest
  @MethodSource("given")
  void aPodHasThePriorityOfItsClass(Given one) {
    var _ =
        objects.with(
            of("usual", 100, "globalDefault: " + one.defaults()),
            of("low", 7, "preemptionPolicy: Never"));
    Pod pod = (Pod) plugin.mutate(Requests.create(pod(one.spec())), objects);
    assertThat(pod.getSpec().getPriority()).isEqualTo(one.priority());
    assertThat(pod.getSpec().getPreemptionPolicy()).isEqualTo(one.policy());
    // who writes it back without them keeps them
    Pod bare = pod.toBuilder().setSpec(pod.getSpec().toBuilder().clearPriority()).build();
    assertThat(plugin.mutate(Requests.update(pod, bare), objects)).isEqualTo(pod);
  }

  record Refused(String spec, String why) {}

  static Stream<Refused> refused() {
    return Stream.of(
        new Refused("priorityClassName: ghost\n", "no PriorityClass with name ghost was found"),
        new Refused(
            "priorityClassName: low\npriority: 8\n",
            "the integer value of priority (8) must not be provided in pod spec; priority admission controller computed 7 from the given PriorityClass name"),
        new Refused(
            "priorityClassName: low\npreemptionPolicy: PreemptLowerPriority\n",
            "the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatContradictsTheClassIsRefused(Refused one) {
    var _ = objects.with(of("low", 7, "preemptionPolicy: Never"));
    assertThatThrownBy(() -> plugin.mutate(Requests.create(pod(one.spec())), objects))
        .hasMessage("pods \"web\" is forbidden: " + one.why());
  }

  @Test
  void thereIsOneDefault() {
    PriorityClass first = of("first", 1, "globalDefault: true");
    PriorityClass second = of("second", 2, "globalDefault: true");
    var _ = objects.with(first);
    plugin.validate(Requests.update(first, first), objects);
    assertThatThrownBy(() -> plugin.validate(Requests.create(second), objects))
        .hasMessage(
            "priorityclasses.scheduling.k8s.io \"second\" is forbidden: PriorityClass first is"
                + " already marked as default. Only one default can exist");
  }
}
