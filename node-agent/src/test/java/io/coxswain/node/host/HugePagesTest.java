package io.coxswain.node.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HugePagesTest {

  @ParameterizedTest
  @CsvSource({
    "hugepages-64Ki, 65536, 64KB",
    "hugepages-2Mi, 2097152, 2MB",
    "hugepages-32Mi, 33554432, 32MB",
    "hugepages-1Gi, 1073741824, 1GB"
  })
  void theKernelHasANameForEachSize(String resource, long bytes, String name) {
    assertThat(HugePages.bytesOf(resource)).isEqualTo(bytes);
    assertThat(HugePages.sizeOf(resource)).isEqualTo(name);
  }
}
