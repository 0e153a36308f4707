package io.coxswain.node.podworker;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Pod;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClaimAdmissionTest {

  @ParameterizedTest
  @CsvSource({
    "Pending, 1, true",
    "'', 1, true",
    "Pending, 0, false",
    "Running, 1, false",
    "Failed, 1, false"
  })
  void aPodDoesNotBeginWithoutTheDevicesThatItClaims(String phase, int claims, boolean refused) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getStatusBuilder().setPhase(phase);
    for (int i = 0; i < claims; i++) {
      pod.getSpecBuilder().addResourceClaimsBuilder().setName("gpu").setResourceClaimName("mine");
    }
    assertThat(
            new ClaimAdmission().refusal(pod.build()).map(why -> why.reason() + ": " + why.event()))
        .isEqualTo(
            refused
                ? java.util.Optional.of(
                    "UnexpectedAdmissionError: it claims devices, which nothing prepares in this"
                        + " version of Coxswain")
                : java.util.Optional.empty());
  }
}
