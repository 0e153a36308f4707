package io.coxswain.node.podworker;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Container;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestartRulesTest {

  @ParameterizedTest
  @CsvSource({
    "Never, Always, , , 0, true",
    "Always, Never, , , 1, false",
    "Always, OnFailure, , , 0, false",
    "Never, OnFailure, , , 3, true",
    "Never, '', , , 3, false",
    "Always, Never, In, 42, 42, true",
    "Always, Never, In, 42, 41, false",
    "Never, Never, NotIn, 42, 41, true",
    "Never, OnFailure, NotIn, 42, 42, true",
    "Never, Never, NotIn, 42, 42, false",
    "Never, Never, In, 0, 0, true"
  })
  void theFirstRuleThatIsMetCountsThenTheNearestPolicy(
      String pod, String own, String operator, Integer code, int exitCode, boolean again) {
    Container.Builder container = Container.newBuilder();
    if (!own.isEmpty()) {
      container.setRestartPolicy(own);
    }
    if (operator != null) {
      container
          .addRestartPolicyRulesBuilder()
          .setAction("Restart")
          .getExitCodesBuilder()
          .setOperator(operator)
          .addAllValues(List.of(code));
    }
    assertThat(RestartRules.restart(container.build(), pod, exitCode)).isEqualTo(again);
  }
}
