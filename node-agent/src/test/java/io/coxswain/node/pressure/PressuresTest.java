package io.coxswain.node.pressure;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Toleration;
import io.coxswain.node.podworker.Failure;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PressuresTest {

  /// @param said empty when it may begin
  record Case(Set<NodePressure> now, Pod pod, String said) {}

  private static Pod tolerating(Toleration.Builder toleration) {
    Pod.Builder pod = Uses.pod("tolerant", 0).toBuilder();
    pod.getSpecBuilder().addTolerations(toleration);
    return pod.build();
  }

  private static Toleration.Builder toleration(String key, String operator, String effect) {
    return Toleration.newBuilder().setKey(key).setOperator(operator).setEffect(effect);
  }

  static Stream<Case> cases() {
    Set<NodePressure> none = Set.of();
    Set<NodePressure> memory = Set.of(NodePressure.MEMORY);
    Set<NodePressure> disk = Set.of(NodePressure.DISK);
    Set<NodePressure> both = Set.of(NodePressure.MEMORY, NodePressure.DISK);
    Pod bestEffort = Uses.pod("best-effort", 0);
    Pod burstable = Uses.pod("burstable", 0, "memory=1Mi");
    Pod critical = Uses.pod("critical", 2_000_000_000);
    String taint = "node.kubernetes.io/memory-pressure";
    return Stream.of(
        new Case(none, bestEffort, ""),
        new Case(memory, bestEffort, "The node had condition: [MemoryPressure]. "),
        new Case(memory, burstable, ""),
        new Case(memory, critical, ""),
        new Case(memory, tolerating(toleration(taint, "Exists", "NoSchedule")), ""),
        new Case(memory, tolerating(toleration(taint, "Equal", "")), ""),
        new Case(memory, tolerating(toleration("", "Exists", "")), ""),
        new Case(
            memory,
            tolerating(toleration(taint, "Exists", "NoExecute")),
            "The node had condition: [MemoryPressure]. "),
        new Case(
            memory,
            tolerating(toleration("other", "Exists", "")),
            "The node had condition: [MemoryPressure]. "),
        new Case(disk, burstable, "The node had condition: [DiskPressure]. "),
        new Case(disk, critical, ""),
        new Case(
            disk,
            tolerating(toleration("", "Exists", "")),
            "The node had condition: [DiskPressure]. "),
        new Case(both, burstable, "The node had condition: [MemoryPressure DiskPressure]. "));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void whoMayBegin(Case one) {
    Pressures pressures = new Pressures();
    pressures.set(one.now());
    assertThat(pressures.refusal(one.pod()).map(Failure::event).orElse("")).isEqualTo(one.said());
    assertThat(pressures.refusal(one.pod()).map(Failure::message))
        .isEqualTo(pressures.refusal(one.pod()).map(_ -> "Pod was rejected: " + one.said()));
  }
}
