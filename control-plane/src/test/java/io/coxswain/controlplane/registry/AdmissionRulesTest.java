package io.coxswain.controlplane.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.core.v1.ServiceSpec;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Patch;
import io.coxswain.controlplane.admission.plugin.PluginChain;
import io.coxswain.controlplane.storage.MemoryStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The registry with the rules that clusters run with.
final class AdmissionRulesTest {

  private final TestRegistry api =
      new TestRegistry(new MemoryStore(), new AdmissionRules(PluginChain.NONE));

  AdmissionRulesTest() {
    var _ =
        api.create(
            Namespace.newBuilder().setMetadata(ObjectMeta.newBuilder().setName("default")).build());
  }

  @AfterEach
  void close() {
    api.close();
  }

  private static Pod pod() {
    return Pod.newBuilder()
        .setMetadata(RegistryTest.meta("a"))
        .setSpec(
            PodSpec.newBuilder()
                .addContainers(Container.newBuilder().setName("main").setImage("host:///")))
        .build();
  }

  @Test
  void whatIsLeftOutIsFilledIn() {
    Pod made = api.create(pod());
    assertThat(made.getSpec().getRestartPolicy()).isEqualTo("Always");
    assertThat(made.getSpec().getTerminationGracePeriodSeconds()).isEqualTo(30);

    Service service =
        api.create(
            Service.newBuilder()
                .setMetadata(RegistryTest.meta("s"))
                .setSpec(ServiceSpec.newBuilder().addPorts(ServicePort.newBuilder().setPort(80)))
                .build());
    assertThat(service.getSpec().getType()).isEqualTo("ClusterIP");
    assertThat(service.getSpec().getClusterIP()).startsWith("10.96.");
    assertThat(service.getSpec().getPorts(0).getTargetPort().getIntVal()).isEqualTo(80);
  }

  @Test
  void whatIsWrongIsRefusedAllAtOnce() {
    Pod wrong =
        pod().toBuilder()
            .setSpec(
                PodSpec.newBuilder()
                    .setRestartPolicy("Sometimes")
                    .addContainers(Container.newBuilder().setName("Not_A_Name")))
            .build();
    assertThatThrownBy(() -> api.create(wrong))
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal -> {
              assertThat(refusal.getMessage())
                  .startsWith("Pod \"a\" is invalid: [")
                  .contains("spec.restartPolicy", "spec.containers[0].name");
              assertThat(((ApiError.Invalid) refusal.error()).causes())
                  .hasSizeGreaterThanOrEqualTo(2);
            });
  }

  @Test
  void whatRunsCannotBecomeAnother() {
    Pod made = api.create(pod());
    assertThatThrownBy(() ->
            api.update(
                made.toBuilder().setSpec(made.getSpec().toBuilder().setHostNetwork(true)).build()))
        .hasMessageContaining("is invalid: spec: Forbidden: pod updates may not change fields");
  }

  @Test
  void aStrategicPatchMergesListsByTheirKeys() {
    Pod made = api.create(pod());
    Written patched =
        api.registry.patch(
            TestRegistry.target(made),
            Patch.strategic(
                "{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"host:///srv\"}]}}"),
            WriteOptions.DEFAULT);
    assertThat(((Pod) patched.object()).getSpec().getContainersList())
        .extracting(Container::getImage)
        .containsExactly("host:///srv");
  }

  @Test
  void anEmptyPatchStoresNothing() {
    Pod made = api.create(pod());
    Written patched =
        api.registry.patch(TestRegistry.target(made), Patch.strategic("{}"), WriteOptions.DEFAULT);
    assertThat(patched.object()).isEqualTo(made);
  }

  @Test
  void whatIsImmutableStaysSo() {
    ConfigMap frozen = api.create(RegistryTest.map("a").setImmutable(true).build());
    assertThatThrownBy(() -> api.update(frozen.toBuilder().putData("k", "2").build()))
        .hasMessageContaining("data: Forbidden: field is immutable when `immutable` is set");
    assertThatThrownBy(() -> api.update(frozen.toBuilder().setImmutable(false).build()))
        .hasMessageContaining("immutable: Forbidden");
  }

  @Test
  void textOfASecretLandsInItsData() {
    Secret made =
        api.create(
            Secret.newBuilder()
                .setMetadata(RegistryTest.meta("s"))
                .putStringData("password", "x")
                .build());
    assertThat(made.getStringDataMap()).isEmpty();
    assertThat(made.getType()).isEqualTo("Opaque");
    assertThat(made.getDataMap()).containsEntry("password", ByteString.copyFromUtf8("x"));
  }

  @Test
  void aNamespaceCarriesItsNameAsALabel() {
    Namespace made =
        api.read(
            Namespace.newBuilder().setMetadata(ObjectMeta.newBuilder().setName("default")).build());
    assertThat(made.getMetadata().getLabelsMap())
        .containsEntry("kubernetes.io/metadata.name", "default");
  }
}
