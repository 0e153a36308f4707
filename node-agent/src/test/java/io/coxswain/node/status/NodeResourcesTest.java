package io.coxswain.node.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.resource.Quantity;
import io.coxswain.node.host.HugePages;
import io.coxswain.node.host.Machine;
import io.coxswain.node.pressure.Thresholds;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeResourcesTest {

  private static final long GIB = 1L << 30;
  private static final Machine MACHINE =
      new Machine("host", 4, 8 * GIB, 0, 100 * GIB, "", "", "amd64", "", "", "", 0, 0);

  private static NodeResources of(Reserved reserved, String hard, Map<String, Long> hugePages) {
    NodeOptions options =
        new NodeOptions(
            "node-1",
            List.of(InetAddress.getLoopbackAddress()),
            Map.of(),
            Map.of(),
            List.of(),
            110,
            0,
            0,
            reserved,
            true,
            Duration.ofSeconds(3),
            Duration.ofSeconds(10),
            Duration.ofMinutes(5),
            "v1.36.0");
    return NodeResources.of(
        options, MACHINE, 32_768, hugePages, Thresholds.parse(hard, "", "", ""));
  }

  private static Map<String, String> texts(Map<String, Quantity> amounts) {
    Map<String, String> texts = new TreeMap<>();
    amounts.forEach((name, amount) -> texts.put(name, amount.getString()));
    return texts;
  }

  @Test
  void podsGetWhatIsNeitherReservedNorKeptFree() {
    Reserved reserved =
        Reserved.parse("--kube-reserved", "cpu=100m,memory=1Gi,ephemeral-storage=10Gi,pid=768")
            .plus(Reserved.parse("--system-reserved", "cpu=0.4, memory=512Mi"));
    NodeResources resources =
        of(
            reserved,
            "memory.available<256Mi,nodefs.available<10%",
            Map.of("hugepages-2Mi", GIB, "hugepages-1Gi", 0L));
    assertThat(texts(resources.capacities()))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "cpu", "4",
                "memory", "8Gi",
                "ephemeral-storage", "100Gi",
                "hugepages-2Mi", "1Gi",
                "hugepages-1Gi", "0",
                "pods", "110"));
    assertThat(texts(resources.allocatables()))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "cpu", "3500m",
                "memory", "5376Mi",
                "ephemeral-storage", "80Gi",
                "hugepages-2Mi", "1Gi",
                "hugepages-1Gi", "0",
                "pods", "110"));
    // the kernel's bound leaves room for evictions to come first
    assertThat(resources.memory().bound()).isEqualTo(8 * GIB - GIB - GIB / 2);
    assertThat(resources.processes().bound()).isEqualTo(32_000);
    assertThat(resources.askable()).containsEntry("cpu", 3500L).containsEntry("pods", 110L);
  }

  @Test
  void nothingIsKeptWhereNothingIsSaid() {
    NodeResources resources = of(Reserved.NOTHING, "", Map.of());
    assertThat(resources.allocatables()).isEqualTo(resources.capacities());
  }

  @Test
  void moreThanThereIsCannotBeKept() {
    Reserved most = Reserved.parse("--kube-reserved", "memory=8Gi");
    assertThat(of(most, "", Map.of()).memory().allocatable()).isZero();
    assertThatThrownBy(() -> of(most, "memory.available<1", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("invalid Node Allocatable configuration. Resource \"memory\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "memory|--x: \"memory\" is not RESOURCE=QUANTITY",
        "memory=lots|--x: memory: ",
        "cpu=-1|--x: resource quantity for \"cpu\" cannot be negative: -1",
        "gpu=1|--x: cannot reserve \"gpu\" resource"
      })
  void whatIsWrongIsNamed(String text, String said) {
    assertThatThrownBy(() -> Reserved.parse("--x", text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(said);
  }

  @Test
  void hugePagesAreThoseOfTheKernel(@TempDir Path folder) throws Exception {
    for (String size : List.of("hugepages-2048kB", "hugepages-1048576kB")) {
      Path pages = Files.createDirectory(folder.resolve(size)).resolve("nr_hugepages");
      Files.writeString(pages, "3\n");
    }
    assertThat(HugePages.read(folder))
        .isEqualTo(Map.of("hugepages-2Mi", 6L << 20, "hugepages-1Gi", 3 * GIB));
    assertThat(HugePages.read(folder.resolve("none"))).isEmpty();
  }
}
