package io.coxswain.node.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Quantities;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A node with two cpus, a mebibyte of memory, two of disk, and room for three pods.
class RoomTest {

  private final Allocations book = new Allocations(new Share(2000, 1 << 20), Clock.systemUTC());
  private final Map<String, Long> node = new LinkedHashMap<>();

  @BeforeEach
  void node() {
    node.put("pods", 3L);
    node.put("cpu", 2000L);
    node.put("memory", 1L << 20);
    node.put("ephemeral-storage", 2L << 20);
  }

  private static Pod pod(String name, String... requests) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder().setName(name).setUid("uid-" + name);
    var container = pod.getSpecBuilder().addContainersBuilder().setName("main");
    for (String request : requests) {
      String[] parts = request.split("=", 2);
      container.getResourcesBuilder().putRequests(parts[0], Quantities.of(parts[1]));
    }
    return pod.build();
  }

  private void take(String name, String... requests) {
    book.take(pod(name, requests), () -> {});
  }

  private List<Lack> lacks(String... requests) {
    return book.lacks(pod("new", requests), node);
  }

  @Test
  void whatFitsLacksNothing() {
    take("a", "cpu=1500m", "memory=512Ki");
    assertThat(lacks("cpu=500m", "memory=512Ki", "ephemeral-storage=2Mi")).isEmpty();
    assertThat(lacks()).isEmpty();
  }

  @Test
  void allThatIsTooLittleIsNamedInOrder() {
    take("a", "cpu=1500m", "memory=512Ki");
    List<Lack> lacks = lacks("memory=513Ki", "cpu=501m", "ephemeral-storage=3Mi");
    assertThat(lacks)
        .containsExactly(
            new Lack("cpu", 501, 1500, 2000),
            new Lack("memory", 513 << 10, 512 << 10, 1 << 20),
            new Lack("ephemeral-storage", 3 << 20, 0, 2 << 20));
    assertThat(lacks.getFirst().reason()).isEqualTo("OutOfcpu");
    assertThat(lacks.getFirst().message())
        .isEqualTo(
            "Node didn't have enough resource: cpu, requested: 501, used: 1500, capacity: 2000");
    assertThat(lacks.getFirst().missing()).isEqualTo(1);
  }

  @Test
  void podsAreCountedUntilTheyAreOver() {
    take("a");
    take("b");
    take("c");
    assertThat(lacks()).containsExactly(new Lack("pods", 1, 3, 3));
    book.over("uid-b");
    assertThat(lacks()).isEmpty();
  }

  @Test
  void hugePagesThatTheNodeLacksAreLackingAndDevicesAreNotItsOwn() {
    assertThat(lacks("hugepages-2Mi=2Mi"))
        .containsExactly(new Lack("hugepages-2Mi", 2 << 20, 0, 0));
    node.put("hugepages-2Mi", 4L << 20);
    take("a", "hugepages-2Mi=4Mi");
    assertThat(lacks("hugepages-2Mi=2Mi"))
        .containsExactly(new Lack("hugepages-2Mi", 2 << 20, 4 << 20, 4 << 20));
    assertThat(lacks("example.com/gpu=7")).isEmpty();
  }

  @Test
  void aPodThatIsHereAlreadyIsNotItsOwnNeighbour() {
    take("new", "cpu=2");
    assertThat(lacks("cpu=2")).isEmpty();
  }
}
