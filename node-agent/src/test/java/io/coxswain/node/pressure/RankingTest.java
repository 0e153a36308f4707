package io.coxswain.node.pressure;

import static io.coxswain.node.pressure.Uses.disk;
import static io.coxswain.node.pressure.Uses.memory;
import static io.coxswain.node.pressure.Uses.pod;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RankingTest {

  /// @param order names, the first to go first
  record Case(
      String about, Signal signal, boolean separate, List<Candidate> pods, List<String> order) {
    @Override
    public String toString() {
      return about;
    }
  }

  private static Candidate mem(String name, int priority, long used, String... requests) {
    return new Candidate(pod(name, priority, requests), memory(used, used));
  }

  private static Candidate onDisk(String name, long rootfs, long logs, long volume) {
    return new Candidate(pod(name, 0, "ephemeral-storage=50"), disk(rootfs, logs, volume));
  }

  static Stream<Case> cases() {
    List<Candidate> disks =
        List.of(
            onDisk("writes", 500, 10, 10), onDisk("logs", 10, 400, 10), onDisk("keeps", 0, 0, 600));
    return Stream.of(
        new Case(
            "above its request before priority",
            Signal.MEMORY,
            false,
            List.of(
                mem("low-within", 1, 100, "memory=200"), mem("high-above", 9, 100, "memory=50")),
            List.of("high-above", "low-within")),
        new Case(
            "as much as its request is not above it",
            Signal.MEMORY,
            false,
            List.of(mem("exact", 1, 100, "memory=100"), mem("above", 9, 101, "memory=100")),
            List.of("above", "exact")),
        new Case(
            "then priority",
            Signal.ALLOCATABLE_MEMORY,
            false,
            List.of(mem("high", 9, 1000), mem("low", 1, 10)),
            List.of("low", "high")),
        new Case(
            "then by how much",
            Signal.MEMORY,
            false,
            List.of(mem("some", 0, 300, "memory=100"), mem("most", 0, 290)),
            List.of("most", "some")),
        new Case(
            "process numbers: priority first, then the number",
            Signal.PID,
            false,
            List.of(mem("many", 5, 1000), mem("few", 5, 10), mem("low", 1, 1)),
            List.of("low", "many", "few")),
        new Case(
            "all of one disk", Signal.NODEFS, false, disks, List.of("keeps", "writes", "logs")),
        new Case(
            "and of images'", Signal.IMAGEFS, false, disks, List.of("keeps", "writes", "logs")),
        new Case(
            "with images apart: logs and volumes",
            Signal.NODEFS,
            true,
            disks,
            List.of("keeps", "logs", "writes")),
        new Case(
            "with images apart: what was written in root file systems",
            Signal.IMAGEFS,
            true,
            disks,
            List.of("writes", "logs", "keeps")));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void whoGoesFirst(Case one) {
    assertThat(Ranking.rank(one.pods(), one.signal(), one.separate()))
        .extracting(candidate -> candidate.pod().getMetadata().getName())
        .isEqualTo(one.order());
  }
}
