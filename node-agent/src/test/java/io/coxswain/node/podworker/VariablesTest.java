package io.coxswain.node.podworker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.Service;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.podsource.FakeConfigObjects;
import io.coxswain.node.runtime.LaunchException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VariablesTest {

  private static final List<InetAddress> ADDRESS = List.of(InetAddress.ofLiteral("10.244.0.7"));

  private final FakeConfigObjects objects = new FakeConfigObjects();
  private final Variables variables =
      new Variables(
          objects,
          new Variables.NodeFacts(
              "n", List.of(InetAddress.ofLiteral("192.0.2.1")), 2000, 1 << 30, 1 << 30, Map.of()));
  private final Pod pod = pod();
  private final Container.Builder container = Container.newBuilder().setName("main");

  private static Pod pod() {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder().setName("p").setNamespace("ns").putLabels("app", "web");
    return pod.build();
  }

  @ParameterizedTest
  @CsvSource({
    "plain, plain",
    "$(A), 1",
    "x$(A)y$(A), x1y1",
    "$(B), $(B)",
    "$$(A), $(A)",
    "$$$(A), $1",
    "$A, $A",
    "$(A, $(A",
    "end$, end$"
  })
  void references(String text, String expected) {
    assertThat(Variables.expand(text, Map.of("A", "1"))).isEqualTo(expected);
  }

  private static Service service(String namespace, String name, int port) {
    Service.Builder service = Service.newBuilder();
    service.getMetadataBuilder().setName(name).setNamespace(namespace);
    service.getSpecBuilder().setClusterIP("10.96.0.5").addPortsBuilder().setPort(port);
    return service.build();
  }

  @Test
  void servicesOfTheNamespaceAndTheApisOwnAreNamed() throws Exception {
    objects
        .with(service("default", "kubernetes", 443))
        .with(service("default", "others", 1))
        .with(service("ns", "db", 5432));
    container.addEnvBuilder().setName("URL").setValue("pg://$(DB_SERVICE_HOST)");
    container.addEnvBuilder().setName("DB_SERVICE_PORT").setValue("own");
    assertThat(variables.of(pod, container.build(), ADDRESS))
        .containsEntry("KUBERNETES_SERVICE_HOST", "10.96.0.5")
        .containsEntry("URL", "pg://10.96.0.5")
        .containsEntry("DB_SERVICE_PORT", "own")
        .doesNotContainKey("OTHERS_SERVICE_HOST");
  }

  @Test
  void aPodThatWantsNoLinksGetsTheApisServiceAlone() throws Exception {
    objects.with(service("default", "kubernetes", 443)).with(service("ns", "db", 5432));
    Pod.Builder without = pod.toBuilder();
    without.getSpecBuilder().setEnableServiceLinks(false);
    assertThat(variables.of(without.build(), container.build(), ADDRESS))
        .containsKey("KUBERNETES_SERVICE_HOST")
        .doesNotContainKey("DB_SERVICE_HOST");
  }

  @Test
  void allSources() throws Exception {
    ConfigMap.Builder map = ConfigMap.newBuilder().putData("b", "2").putData("a", "1");
    map.getMetadataBuilder().setName("m").setNamespace("ns");
    Secret.Builder secret = Secret.newBuilder().putData("k", ByteString.copyFromUtf8("s"));
    secret.getMetadataBuilder().setName("s").setNamespace("ns");
    objects.with(map.build()).with(secret.build());
    container
        .addEnvFromBuilder()
        .setPrefix("M_")
        .getConfigMapRefBuilder()
        .getLocalObjectReferenceBuilder()
        .setName("m");
    var key = container.addEnvBuilder().setName("SECRET").getValueFromBuilder();
    key.getSecretKeyRefBuilder().setKey("k").getLocalObjectReferenceBuilder().setName("s");
    field("IP", "status.podIP");
    field("NODE", "spec.nodeName");
    field("APP", "metadata.labels['app']");
    container
        .addEnvBuilder()
        .setName("CPUS")
        .getValueFromBuilder()
        .getResourceFieldRefBuilder()
        .setResource("limits.cpu");
    container.getResourcesBuilder().putLimits("cpu", Quantities.of("1500m"));
    container.addEnvBuilder().setName("ALL").setValue("$(M_a)-$(SECRET)-$(IP)");
    assertThat(variables.of(pod, container.build(), ADDRESS))
        .containsExactly(
            Map.entry("M_a", "1"),
            Map.entry("M_b", "2"),
            Map.entry("SECRET", "s"),
            Map.entry("IP", "10.244.0.7"),
            Map.entry("NODE", "n"),
            Map.entry("APP", "web"),
            Map.entry("CPUS", "2"),
            Map.entry("ALL", "1-s-10.244.0.7"));
  }

  @Test
  void aLimitThatIsNotSetIsThePodsOrTheNodes() throws Exception {
    for (String resource : List.of("cpu", "memory", "ephemeral-storage")) {
      container
          .addEnvBuilder()
          .setName(resource)
          .getValueFromBuilder()
          .getResourceFieldRefBuilder()
          .setResource("limits." + resource);
    }
    container.getResourcesBuilder().putLimits("cpu", Quantities.of("3"));
    Pod.Builder limited = pod.toBuilder();
    limited
        .getSpecBuilder()
        .getResourcesBuilder()
        .putLimits("cpu", Quantities.of("5"))
        .putLimits("memory", Quantities.of("1Ki"));
    assertThat(variables.of(limited.build(), container.build(), ADDRESS))
        .containsEntry("cpu", "3")
        .containsEntry("memory", "1024")
        .containsEntry("ephemeral-storage", Long.toString(variables.node().diskBytes()));
  }

  private void field(String name, String path) {
    container
        .addEnvBuilder()
        .setName(name)
        .getValueFromBuilder()
        .getFieldRefBuilder()
        .setFieldPath(path);
  }

  @Test
  void whatIsMissingIsNamed() {
    container
        .addEnvFromBuilder()
        .getConfigMapRefBuilder()
        .getLocalObjectReferenceBuilder()
        .setName("no");
    assertThatThrownBy(() -> variables.of(pod, container.build(), ADDRESS))
        .isInstanceOfSatisfying(
            LaunchException.class,
            e -> assertThat(e.reason()).isEqualTo("CreateContainerConfigError"))
        .hasMessageContaining("configmap \"no\" not found");
  }

  @Test
  void whatIsOptionalMayBeMissing() throws Exception {
    container
        .addEnvFromBuilder()
        .getSecretRefBuilder()
        .setOptional(true)
        .getLocalObjectReferenceBuilder()
        .setName("no");
    assertThat(variables.of(pod, container.build(), ADDRESS)).isEmpty();
  }
}
