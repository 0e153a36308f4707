package io.coxswain.node.podworker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.api.core.v1.VolumeMount;
import io.coxswain.api.core.v1.VolumeMountStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecursiveMountsTest {

  private static VolumeMount.Builder mount(String mode, boolean readOnly) {
    VolumeMount.Builder mount =
        VolumeMount.newBuilder().setName("v").setMountPath("/v").setReadOnly(readOnly);
    return mode.isEmpty() ? mount : mount.setRecursiveReadOnly(mode);
  }

  @ParameterizedTest
  @CsvSource({
    "'', true, true, false",
    "Disabled, true, true, false",
    "Disabled, false, true, false",
    "IfPossible, true, false, false",
    "IfPossible, true, true, true",
    "Enabled, true, true, true"
  })
  void whatItSays(String mode, boolean readOnly, boolean supported, boolean recursive) {
    assertThat(RecursiveMounts.isRecursive(mount(mode, readOnly).build(), supported))
        .isEqualTo(recursive);
  }

  @ParameterizedTest
  @CsvSource({
    "Enabled, true, None, false, it is not supported by the runtime",
    "Enabled, false, None, true, it is not read-only",
    "IfPossible, true, HostToContainer, true, it is not compatible with propagation \"HostToContainer\""
  })
  void whatItMustBeAndCannot(
      String mode, boolean readOnly, String propagation, boolean supported, String why) {
    VolumeMount mount = mount(mode, readOnly).setMountPropagation(propagation).build();
    assertThatThrownBy(() -> RecursiveMounts.isRecursive(mount, supported))
        .hasMessage("volume \"v\" requested recursive read-only mode, but " + why);
  }

  @Test
  void theStatusTellsOfEachMount() {
    Pod.Builder pod = Pod.newBuilder();
    pod.getSpecBuilder()
        .addContainersBuilder()
        .setName("main")
        .addVolumeMounts(mount("", false))
        .addVolumeMounts(mount("", true))
        .addVolumeMounts(mount("IfPossible", true));
    pod.getSpecBuilder()
        .addInitContainersBuilder()
        .setName("first")
        .addVolumeMounts(mount("Enabled", true));
    PodStatus.Builder status = PodStatus.newBuilder();
    status.addContainerStatusesBuilder().setName("main").addVolumeMountsBuilder().setName("old");
    status.addInitContainerStatusesBuilder().setName("first");

    PodStatus described = RecursiveMounts.described(pod.build(), status.build(), true);

    VolumeMountStatus plain =
        VolumeMountStatus.newBuilder().setName("v").setMountPath("/v").build();
    VolumeMountStatus closed = plain.toBuilder().setReadOnly(true).build();
    assertThat(described.getContainerStatuses(0).getVolumeMountsList())
        .containsExactly(
            plain,
            closed.toBuilder().setRecursiveReadOnly("Disabled").build(),
            closed.toBuilder().setRecursiveReadOnly("Enabled").build());
    assertThat(described.getInitContainerStatuses(0).getVolumeMountsList())
        .containsExactly(closed.toBuilder().setRecursiveReadOnly("Enabled").build());
    assertThat(
            RecursiveMounts.described(pod.build(), status.build(), false)
                .getInitContainerStatuses(0)
                .getVolumeMounts(0)
                .getRecursiveReadOnly())
        .isEqualTo("Disabled");
  }
}
