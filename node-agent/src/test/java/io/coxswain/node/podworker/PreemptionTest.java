package io.coxswain.node.podworker;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.allocation.Lack;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PreemptionTest {

  private static final int CRITICAL = 2_000_000_000;

  /// @param victims names, or `none can` when all would not do
  record Case(String about, List<Pod> pods, List<Lack> lacks, List<String> victims) {
    @Override
    public String toString() {
      return about;
    }
  }

  private static Pod pod(String name, int priority, boolean guaranteed, String... amounts) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder().setName(name).setUid("uid-" + name);
    pod.getSpecBuilder().setPriority(priority);
    var resources =
        pod.getSpecBuilder().addContainersBuilder().setName("main").getResourcesBuilder();
    for (String amount : amounts) {
      String[] parts = amount.split("=", 2);
      resources.putRequests(parts[0], Quantities.of(parts[1]));
      if (guaranteed) {
        resources.putLimits(parts[0], Quantities.of(parts[1]));
      }
    }
    return pod.build();
  }

  private static Pod burstable(String name, String... amounts) {
    return pod(name, 0, false, amounts);
  }

  private static Lack cpu(long missing) {
    return new Lack("cpu", missing, 0, 0);
  }

  private static Lack memory(long missing) {
    return new Lack("memory", missing, 0, 0);
  }

  static Stream<Case> cases() {
    Pod promised = pod("promised", 0, true, "cpu=1", "memory=1000");
    Pod nothing = pod("nothing", 0, false);
    return Stream.of(
        new Case(
            "one that is enough",
            List.of(burstable("a", "cpu=1")),
            List.of(cpu(500)),
            List.of("a")),
        new Case(
            "the smallest that is enough",
            List.of(
                burstable("large", "cpu=1", "memory=900"),
                burstable("small", "cpu=1", "memory=100")),
            List.of(cpu(500)),
            List.of("small")),
        new Case(
            "one rather than two",
            List.of(
                burstable("a", "cpu=300m"), burstable("b", "cpu=300m"), burstable("c", "cpu=600m")),
            List.of(cpu(600)),
            List.of("c")),
        new Case(
            "as many as it takes",
            List.of(burstable("a", "cpu=300m"), burstable("b", "cpu=400m")),
            List.of(cpu(600)),
            List.of("b", "a")),
        new Case(
            "what was promised goes last",
            List.of(promised, burstable("a", "cpu=500m"), nothing),
            List.of(cpu(500)),
            List.of("a")),
        new Case(
            "and goes when the others do not do, alone if it does",
            List.of(promised, burstable("a", "cpu=500m")),
            List.of(cpu(800)),
            List.of("promised")),
        new Case(
            "several resources",
            List.of(
                burstable("cpu", "cpu=1"),
                burstable("memory", "memory=900"),
                burstable("both", "cpu=900m", "memory=800")),
            List.of(cpu(500), memory(500)),
            List.of("both")),
        new Case(
            "a place alone: who asks for nothing",
            List.of(burstable("a", "cpu=1"), nothing),
            List.of(new Lack("pods", 1, 1, 1)),
            List.of("nothing")),
        new Case(
            "critical ones stay",
            List.of(pod("critical", CRITICAL, false, "cpu=4")),
            List.of(cpu(500)),
            List.of("none can")),
        new Case("too little in all", List.of(promised), List.of(cpu(1500)), List.of("none can")));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void whoMakesRoom(Case one) {
    Pod critical = pod("new", CRITICAL, false, "cpu=1");
    assertThat(
            Preemption.victims(critical, one.pods(), one.lacks())
                .map(all -> all.stream().map(pod -> pod.getMetadata().getName()).toList())
                .orElse(List.of("none can")))
        .isEqualTo(one.victims());
  }
}
