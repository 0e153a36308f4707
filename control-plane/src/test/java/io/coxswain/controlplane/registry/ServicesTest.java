package io.coxswain.controlplane.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.core.v1.ServiceSpec;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Addresses and node ports of Services: given, kept, asked for, refused and free again.
final class ServicesTest {

  private final TestRegistry api = TestRegistry.inMemory();

  @AfterEach
  void close() {
    api.close();
  }

  private static Service service(String name, ServiceSpec.Builder spec) {
    return Service.newBuilder().setMetadata(RegistryTest.meta(name)).setSpec(spec).build();
  }

  private static ServiceSpec.Builder spec(String type, ServicePort.Builder... ports) {
    ServiceSpec.Builder spec = ServiceSpec.newBuilder().setType(type);
    for (ServicePort.Builder port : ports) {
      spec.addPorts(port);
    }
    return spec;
  }

  private static ServicePort.Builder port(int number, String protocol, int nodePort) {
    return ServicePort.newBuilder()
        .setName(protocol.toLowerCase(java.util.Locale.ROOT) + number)
        .setPort(number)
        .setProtocol(protocol)
        .setNodePort(nodePort);
  }

  private static Service with(Service service, ServiceSpec.Builder spec) {
    return service.toBuilder().setSpec(spec).build();
  }

  @Test
  void aServiceGetsAnAddress() {
    ServiceSpec made = api.create(service("a", spec("ClusterIP", port(80, "TCP", 0)))).getSpec();

    assertThat(made.getClusterIP()).matches("10\\.96\\.\\d+\\.\\d+");
    assertThat(made.getClusterIPsList()).containsExactly(made.getClusterIP());
    assertThat(made.getIpFamiliesList()).containsExactly("IPv4");
    assertThat(made.getIpFamilyPolicy()).isEqualTo("SingleStack");
    assertThat(made.getPorts(0).getNodePort()).isZero();
  }

  @Test
  void aHeadlessOrExternalServiceGetsNone() {
    Service headless =
        api.create(service("a", spec("ClusterIP", port(80, "TCP", 0)).setClusterIP("None")));
    assertThat(headless.getSpec().getClusterIPsList()).containsExactly("None");

    Service external =
        api.create(service("b", spec("ExternalName").setExternalName("example.com")));
    assertThat(external.getSpec().getClusterIP()).isEmpty();
    assertThat(external.getSpec().getClusterIPsList()).isEmpty();
  }

  @Test
  void anAddressCanBeNamedOnce() {
    Service dns =
        api.create(
            service("dns", spec("ClusterIP", port(53, "UDP", 0)).setClusterIP("10.96.0.10")));
    assertThat(dns.getSpec().getClusterIP()).isEqualTo("10.96.0.10");

    refused(
        service("other", spec("ClusterIP", port(53, "UDP", 0)).setClusterIP("10.96.0.10")),
        "spec.clusterIPs: Invalid value: [\"10.96.0.10\"]",
        "already allocated");
    refused(
        service("far", spec("ClusterIP", port(53, "UDP", 0)).setClusterIP("192.168.0.1")),
        "not in the valid range 10.96.0.0/16");
  }

  private void refused(Service service, String... words) {
    assertThatThrownBy(() -> api.create(service))
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal -> {
              assertThat(refusal.error()).isInstanceOf(ApiError.Invalid.class);
              for (String word : words) {
                assertThat(refusal.getMessage()).contains(word);
              }
            });
  }

  @Test
  void aNodePortIsGivenOrNamedOnce() {
    Service given =
        api.create(service("a", spec("NodePort", port(80, "TCP", 0), port(81, "TCP", 0))));
    List<Integer> ports =
        given.getSpec().getPortsList().stream().map(ServicePort::getNodePort).toList();
    assertThat(ports).doesNotHaveDuplicates().allMatch(p -> p >= 30000 && p <= 32767);

    var _ = api.create(service("b", spec("NodePort", port(80, "TCP", 30080))));
    refused(
        service("c", spec("NodePort", port(80, "TCP", 30080))),
        "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated");
    refused(
        service("d", spec("NodePort", port(80, "TCP", 80))),
        "The range of valid ports is 30000-32767");
    Service sameNumber = api.create(service("e", spec("NodePort", port(80, "UDP", 30080))));
    assertThat(sameNumber.getSpec().getPorts(0).getNodePort()).isEqualTo(30080);
  }

  @Test
  void aRefusedServiceLeavesNothingTaken() {
    refused(
        service("a", spec("NodePort", port(80, "TCP", 99)).setClusterIP("10.96.1.1")),
        "30000-32767");
    Service made =
        api.create(service("a", spec("ClusterIP", port(80, "TCP", 0)).setClusterIP("10.96.1.1")));
    assertThat(made.getSpec().getClusterIP()).isEqualTo("10.96.1.1");
  }

  @Test
  void aTakenNameGivesTheAddressBack() {
    var _ = api.create(service("a", spec("ClusterIP", port(80, "TCP", 0))));
    assertThatThrownBy(() ->
            api.create(
                service("a", spec("ClusterIP", port(80, "TCP", 0)).setClusterIP("10.96.1.1"))))
        .hasMessageContaining("already exists");
    var _ =
        api.create(service("b", spec("ClusterIP", port(80, "TCP", 0)).setClusterIP("10.96.1.1")));
  }

  @Test
  void anUpdateKeepsWhatItDoesNotName() {
    Service made = api.create(service("a", spec("NodePort", port(80, "TCP", 0))));
    Service updated =
        api.update(service("a", spec("NodePort", port(80, "TCP", 0), port(81, "TCP", 0))));

    assertThat(updated.getSpec().getClusterIP()).isEqualTo(made.getSpec().getClusterIP());
    assertThat(updated.getSpec().getPorts(0).getNodePort())
        .isEqualTo(made.getSpec().getPorts(0).getNodePort());
    assertThat(updated.getSpec().getPorts(1).getNodePort()).isPositive();
  }

  @Test
  void anAddressDoesNotChange() {
    Service made = api.create(service("a", spec("ClusterIP", port(80, "TCP", 0))));
    assertThatThrownBy(
            () -> api.update(with(made, made.getSpec().toBuilder().setClusterIP("10.96.9.9"))))
        .hasMessageContaining("may not change once set");
  }

  @Test
  void aTypeCanChange() {
    Service made = api.create(service("a", spec("NodePort", port(80, "TCP", 30090))));

    Service inner = api.update(with(made, made.getSpec().toBuilder().setType("ClusterIP")));
    assertThat(inner.getSpec().getPorts(0).getNodePort()).isZero();
    assertThat(inner.getSpec().getClusterIP()).isEqualTo(made.getSpec().getClusterIP());

    Service outer =
        api.update(
            with(
                inner,
                inner.getSpec().toBuilder()
                    .setType("ExternalName")
                    .setExternalName("example.com")));
    assertThat(outer.getSpec().getClusterIP()).isEmpty();
    assertThat(outer.getSpec().getClusterIPsList()).isEmpty();

    Service again =
        api.update(
            with(outer, outer.getSpec().toBuilder().setType("NodePort").clearExternalName()));
    assertThat(again.getSpec().getClusterIP()).isNotEmpty();
    assertThat(again.getSpec().getPorts(0).getNodePort()).isPositive();
  }

  @Test
  void whatADeletedServiceHadIsFreeAgain() {
    Service made =
        api.create(
            service("a", spec("NodePort", port(80, "TCP", 30099)).setClusterIP("10.96.1.1")));
    var _ = api.delete(made);
    Awaitility.await()
        .ignoreExceptions()
        .untilAsserted(() ->
            assertThat(
                    api.create(
                            service(
                                "b",
                                spec("NodePort", port(80, "TCP", 30099)).setClusterIP("10.96.1.1")))
                        .getSpec()
                        .getClusterIP())
                .isEqualTo("10.96.1.1"));
  }

  @Test
  void manyAtOnceGetDifferentOnes() throws Exception {
    List<Callable<Service>> tasks = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String name = "s" + i;
      tasks.add(() -> api.create(service(name, spec("NodePort", port(80, "TCP", 0)))));
    }
    Set<String> addresses = new HashSet<>();
    Set<Integer> ports = new HashSet<>();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Service> made : pool.invokeAll(tasks)) {
        addresses.add(made.get().getSpec().getClusterIP());
        ports.add(made.get().getSpec().getPorts(0).getNodePort());
      }
    }
    assertThat(addresses).hasSize(200);
    assertThat(ports).hasSize(200);
  }
}
