package io.coxswain.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.AppArmorProfile;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.AppArmorAnnotation;
import io.coxswain.node.host.FakeProcesses;
import io.coxswain.node.host.HostProcesses;
import io.coxswain.node.host.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which profile a container has; that the kernel enforces it is shown where it does so.
class AppArmorTest {

  @TempDir Path folder;

  private static AppArmorProfile profile(String text) {
    String[] parts = text.split("/", 2);
    AppArmorProfile.Builder profile = AppArmorProfile.newBuilder().setType(parts[0]);
    if (parts.length > 1) {
      profile.setLocalhostProfile(parts[1]);
    }
    return profile.build();
  }

  private static Pod pod(String ofPod, String annotation, String own) {
    Pod.Builder pod = Pod.newBuilder();
    Container.Builder container = pod.getSpecBuilder().addContainersBuilder().setName("main");
    if (!ofPod.isEmpty()) {
      pod.getSpecBuilder().getSecurityContextBuilder().setAppArmorProfile(profile(ofPod));
    }
    if (!annotation.isEmpty()) {
      pod.getMetadataBuilder().putAnnotations(AppArmorAnnotation.key("main"), annotation);
    }
    if (!own.isEmpty()) {
      container.getSecurityContextBuilder().setAppArmorProfile(profile(own));
    }
    return pod.build();
  }

  private AppArmor appArmor(boolean enabled, Processes processes) throws IOException {
    Path loaded =
        Files.writeString(
            folder.resolve("profiles"), "team-a (enforce)\ncoxswain-default (enforce)\n");
    return new AppArmor(enabled, loaded, folder, processes);
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', '', coxswain-default, false",
    "RuntimeDefault, '', '', coxswain-default, true",
    "Unconfined, '', '', '', false",
    "Localhost/team-a, '', '', team-a, true",
    "RuntimeDefault, '', Unconfined, '', true",
    "Unconfined, '', Localhost/team-a, team-a, true",
    "'', runtime/default, '', coxswain-default, true",
    "'', localhost/team-a, '', team-a, true",
    "'', unconfined, '', '', false",
    "RuntimeDefault, localhost/team-a, '', team-a, true",
    "'', localhost/team-a, RuntimeDefault, coxswain-default, true"
  })
  void theNearestWordCounts(
      String ofPod, String annotation, String own, String name, boolean required) throws Exception {
    Pod pod = pod(ofPod, annotation, own);
    assertThat(appArmor(true, new FakeProcesses()).profile(pod, pod.getSpec().getContainers(0)))
        .isEqualTo(name);
    assertThat(AppArmor.isRequired(pod)).isEqualTo(required);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "RuntimeDefault"})
  void aPrivilegedContainerHasNotTheDefaultOne(String asked) throws Exception {
    Pod.Builder pod = pod(asked, "", "").toBuilder();
    pod.getSpecBuilder().getContainersBuilder(0).getSecurityContextBuilder().setPrivileged(true);
    assertThat(
            appArmor(true, new FakeProcesses())
                .profile(pod.build(), pod.getSpec().getContainers(0)))
        .isEmpty();
  }

  @Test
  void whatTheKernelDoesNotHaveIsRefused() throws Exception {
    Pod unknown = pod("Localhost/team-b", "", "");
    assertThatThrownBy(() ->
            appArmor(true, new FakeProcesses())
                .profile(unknown, unknown.getSpec().getContainers(0)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("apparmor profile not found team-b");
    Pod plain = pod("RuntimeDefault", "", "");
    assertThatThrownBy(() ->
            appArmor(false, new FakeProcesses()).profile(plain, plain.getSpec().getContainers(0)))
        .isInstanceOf(IOException.class)
        .hasMessage("Cannot enforce AppArmor: AppArmor is not enabled on the host");
  }

  @Test
  void whoAsksForNothingHasNoneWhereItCannotBeLoaded() throws Exception {
    FakeProcesses processes = new FakeProcesses();
    processes.answering(command -> FakeProcesses.outcome(1, ""));
    AppArmor appArmor = appArmor(true, processes);
    Pod silent = pod("", "", "");
    assertThat(appArmor.profile(silent, silent.getSpec().getContainers(0))).isEmpty();
    Pod asks = pod("RuntimeDefault", "", "");
    assertThatThrownBy(() -> appArmor.profile(asks, asks.getSpec().getContainers(0)))
        .hasMessageContaining("apt-get install apparmor");
    assertThat(appArmor(false, processes).profile(silent, silent.getSpec().getContainers(0)))
        .as("a kernel without AppArmor")
        .isEmpty();
  }

  @Test
  void anAgentLoadsTheDefaultOneOnce() throws Exception {
    FakeProcesses processes = new FakeProcesses();
    AppArmor appArmor = appArmor(true, processes);
    Pod silent = pod("", "", "");
    for (int i = 0; i < 3; i++) {
      String _ = appArmor.profile(silent, silent.getSpec().getContainers(0));
    }
    assertThat(processes.commands()).as("an agent before may have had another text").hasSize(1);
    Files.writeString(folder.resolve("profiles"), "team-a (enforce)\n");
    String _ = appArmor.profile(silent, silent.getSpec().getContainers(0));
    assertThat(processes.commands()).as("somebody took it away").hasSize(2);
  }

  /// Compiled, not loaded: that needs no AppArmor in the kernel.
  @Test
  void theDefaultProfileIsOne() throws Exception {
    Path parser = Path.of("/sbin/apparmor_parser");
    Path features = Path.of("/usr/share/apparmor-features/features");
    Assumptions.assumeTrue(
        Files.isExecutable(parser) && Files.exists(features), "apparmor is not installed");
    Path file = Files.writeString(folder.resolve("default"), AppArmorDefault.TEXT);
    Processes.Outcome said =
        new HostProcesses()
            .run(
                Processes.Command.of(
                    parser.toString(),
                    "-QKT",
                    "--policy-features=" + features,
                    "--kernel-features=" + features,
                    file.toString()));
    assertThat(said.exit()).as(said.err()).isZero();
  }
}
