package io.coxswain.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.node.host.FakeProcesses;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuntimeFeaturesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                                                    | false | false
          {"mountOptions": ["ro", "rro"]}                                       | true  | false
          {"mountOptions": ["ro"], "linux": {"namespaces": ["mount", "user"]}}  | false | true
          {"mountOptions": 7, "linux": []}                                      | false | false
          no JSON                                                               | false | false
          """)
  void whatAProgramTells(String said, boolean recursive, boolean users) throws Exception {
    FakeProcesses processes = new FakeProcesses();
    processes.answering(command -> FakeProcesses.outcome(0, said));
    assertThat(RuntimeFeatures.ask(processes, Path.of("/bin/runtime")))
        .isEqualTo(new RuntimeFeatures(recursive, users));
  }

  @Test
  void whoDoesNotKnowTheQuestionCanNothing() throws Exception {
    FakeProcesses processes = new FakeProcesses();
    processes.answering(command -> FakeProcesses.outcome(1, "unknown command features"));
    assertThat(RuntimeFeatures.ask(processes, Path.of("/bin/crun")))
        .isEqualTo(RuntimeFeatures.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "5.10.0-30-amd64, false, false",
    "5.12.0, true, false",
    "6.1.0-18-amd64, true, false",
    "6.3-rc1, true, true",
    "6.18.44-fc, true, true",
    "7.0, true, true"
  })
  void theKernelMustBeAbleToo(String kernel, boolean recursive, boolean users) {
    assertThat(new RuntimeFeatures(true, true).on(kernel))
        .isEqualTo(new RuntimeFeatures(recursive, users));
    assertThat(RuntimeFeatures.NONE.on(kernel)).isEqualTo(RuntimeFeatures.NONE);
  }
}
