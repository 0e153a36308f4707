package io.coxswain.node.podworker;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Pod;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppArmorAdmissionTest {

  @ParameterizedTest
  @CsvSource({
    "false, Pending, RuntimeDefault, '', Cannot enforce AppArmor: AppArmor is not enabled on the host",
    "false, '',      Localhost,     p, Cannot enforce AppArmor: AppArmor is not enabled on the host",
    "false, Running, RuntimeDefault, '', ''",
    "false, Pending, Unconfined,    '', ''",
    "true,  Pending, RuntimeDefault, '', ''",
    "true,  Pending, Localhost,     p, ''",
    "true,  Pending, Localhost,     ' ', Cannot enforce AppArmor: invalid empty AppArmor profile name: \"\""
  })
  void aPodBeginsWhereItIsConfined(
      boolean enabled, String phase, String type, String name, String refusal) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getStatusBuilder().setPhase(phase);
    pod.getSpecBuilder().addContainersBuilder().setName("main");
    var profile =
        pod.getSpecBuilder().getSecurityContextBuilder().getAppArmorProfileBuilder().setType(type);
    if (!name.isEmpty()) {
      profile.setLocalhostProfile(name);
    }
    assertThat(
            new AppArmorAdmission(enabled)
                .refusal(pod.build())
                .map(why -> why.reason() + ": " + why.event())
                .orElse(""))
        .isEqualTo(refusal.isEmpty() ? "" : "AppArmor: " + refusal);
  }
}
