package io.coxswain.node.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProcessNumbersTest {

  @Test
  void theyAreTheKernels() throws Exception {
    Process process =
        new ProcessBuilder("cat", "/proc/sys/kernel/pid_max", "/proc/sys/kernel/threads-max")
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    long least = said.lines().mapToLong(Long::parseLong).min().orElseThrow();
    ProcessNumbers numbers = ProcessNumbers.read();
    assertThat(numbers.most()).isEqualTo(least).isGreaterThan(100);
    // this program alone has more threads than that
    assertThat(numbers.running()).isBetween(5L, least);
    assertThat(numbers.available()).isEqualTo(least - numbers.running());
  }
}
