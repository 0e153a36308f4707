package io.coxswain.controlplane.controller;

import static io.coxswain.controlplane.controller.framework.Samples.deployment;
import static io.coxswain.controlplane.controller.framework.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.coordination.v1.Lease;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Endpoints;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeCondition;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServiceAccount;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.discovery.v1.Endpoint;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.api.meta.v1.LabelSelector;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.policy.v1.PodDisruptionBudget;
import io.coxswain.api.policy.v1.PodDisruptionBudgetSpec;
import io.coxswain.api.policy.v1.PodDisruptionBudgetStatus;
import io.coxswain.client.ApiClient;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.DeletePolicy.Propagation;
import io.coxswain.client.codec.Times;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.controlplane.controller.framework.PodFacts;
import io.coxswain.controlplane.controller.framework.Samples;
import io.coxswain.controlplane.controller.framework.TestCluster;
import io.coxswain.controlplane.controller.framework.TestKubelet;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// All controllers together on an API in memory.
class ControllersTest {

  private static final String NAMESPACE = "shop";

  private final TestCluster cluster = new TestCluster();
  private final ApiClient client = cluster.client();
  private final InformerFactory informers = new InformerFactory(client);
  private final Controllers controllers =
      new Controllers(
          client,
          informers,
          EventRecorder.NONE,
          Clock.systemUTC(),
          new SimpleMeterRegistry(),
          ControllerOptions.of("here", "-----BEGIN CERTIFICATE-----")
              .withNodeTimes(Duration.ofSeconds(4), Duration.ZERO));
  private final TestKubelet kubelet = new TestKubelet(cluster, 7);

  @BeforeEach
  void begin() {
    Namespace ignored =
        client
            .resources(Namespace.class)
            .create(
                Namespace.newBuilder()
                    .setMetadata(ObjectMeta.newBuilder().setName(NAMESPACE))
                    .build());
    controllers.start();
    eventually(controllers::leading);
  }

  @AfterEach
  void end() {
    controllers.close();
    informers.close();
    cluster.close();
  }

  @Test
  void everyNamespaceBeginsWithAnAccountAndTheCertificates() {
    eventually(() ->
        client.resources(ServiceAccount.class).find(NAMESPACE, "default").isPresent()
            && client
                .resources(ConfigMap.class)
                .find(NAMESPACE, "kube-root-ca.crt")
                .filter(c -> c.getDataMap().containsKey("ca.crt"))
                .isPresent());
  }

  @Test
  void aServiceFollowsItsPods() {
    create(deployment("web", 3, s -> {}));
    Service ignored = client.resources(Service.class).create(service());
    eventually(() -> {
      kubelet.step();
      return readyAddresses() == 3;
    });
    // by another controller than the slices
    eventually(() ->
        cluster.all(Endpoints.class).stream()
                .flatMap(endpoints -> endpoints.getSubsetsList().stream())
                .mapToInt(subset -> subset.getAddressesCount())
                .sum()
            == 3);

    client.resources(Service.class).delete(NAMESPACE, "web", DeletePolicy.DEFAULT);
    eventually(
        () -> cluster.all(EndpointSlice.class).isEmpty() && cluster.all(Endpoints.class).isEmpty());
  }

  @Test
  void aBudgetFollowsItsPods() {
    create(deployment("web", 3, s -> {}));
    PodDisruptionBudget ignored =
        client
            .resources(PodDisruptionBudget.class)
            .create(
                PodDisruptionBudget.newBuilder()
                    .setMetadata(ObjectMeta.newBuilder().setNamespace(NAMESPACE).setName("web"))
                    .setSpec(
                        PodDisruptionBudgetSpec.newBuilder()
                            .setMaxUnavailable(Samples.intOrString("34%"))
                            .setSelector(LabelSelector.newBuilder().putMatchLabels("app", "web")))
                    .build());
    eventually(() -> {
      kubelet.step();
      return budget().getDisruptionsAllowed() == 2;
    });
    assertThat(budget().getExpectedPods()).isEqualTo(3);

    Deployment web = client.resources(Deployment.class).read(NAMESPACE, "web");
    Deployment smaller =
        client
            .resources(Deployment.class)
            .update(web.toBuilder().setSpec(web.getSpec().toBuilder().setReplicas(1)).build());
    assertThat(smaller.getSpec().getReplicas()).isEqualTo(1);
    eventually(() -> {
      kubelet.step();
      return budget().getExpectedPods() == 1 && budget().getCurrentHealthy() == 1;
    });
  }

  private PodDisruptionBudgetStatus budget() {
    return client.resources(PodDisruptionBudget.class).read(NAMESPACE, "web").getStatus();
  }

  @Test
  void whatIsOwnedGoesWithItsOwnerAsAsked() {
    create(deployment("background", 1, s -> {}));
    eventually(() -> cluster.all(Pod.class).size() == 1);
    delete("background", Propagation.BACKGROUND);
    eventually(() -> cluster.all(ReplicaSet.class).isEmpty() && cluster.all(Pod.class).isEmpty());

    create(deployment("foreground", 2, s -> {}));
    eventually(() -> cluster.all(Pod.class).size() == 2);
    delete("foreground", Propagation.FOREGROUND);
    eventually(() -> {
      boolean gone = cluster.all(Deployment.class).isEmpty();
      assertThat(!gone || cluster.all(ReplicaSet.class).isEmpty()).isTrue();
      return gone && cluster.all(Pod.class).isEmpty();
    });

    create(deployment("orphan", 1, s -> {}));
    eventually(() -> cluster.all(Pod.class).size() == 1);
    delete("orphan", Propagation.ORPHAN);
    eventually(() -> cluster.all(Deployment.class).isEmpty());
    assertThat(cluster.all(ReplicaSet.class))
        .singleElement()
        .matches(set -> set.getMetadata().getOwnerReferencesCount() == 0);
  }

  @Test
  void aDeletedNamespaceIsEmptiedAndGoes() {
    create(deployment("web", 3, s -> {}));
    Service ignored = client.resources(Service.class).create(service());
    eventually(() -> {
      kubelet.step();
      return readyAddresses() == 3;
    });

    client.resources(Namespace.class).delete("", NAMESPACE, DeletePolicy.DEFAULT);

    eventually(() -> {
      kubelet.step();
      return client.resources(Namespace.class).find("", NAMESPACE).isEmpty();
    });
    assertThat(cluster.all(Pod.class)).isEmpty();
    assertThat(cluster.all(Deployment.class)).isEmpty();
    assertThat(cluster.all(Service.class)).isEmpty();
  }

  @Test
  void aLostNodeIsEmptiedAndAReturnedOneIsTrusted() {
    for (String name : List.of("node-0", "node-1", "node-2")) {
      Node ignored = client.resources(Node.class).create(node(name));
      beat(name);
    }
    create(deployment("web", 6, s -> {}));
    eventually(() -> {
      beat("node-0", "node-1", "node-2");
      kubelet.step();
      return cluster.all(Pod.class).stream().filter(PodFacts::isReady).count() == 6;
    });
    assertThat(cluster.all(Node.class))
        .extracting(n -> n.getSpec().getPodCIDR())
        .containsExactlyInAnyOrder("10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24");

    eventually(() -> {
      beat("node-0", "node-1");
      return taints("node-2").contains("node.kubernetes.io/unreachable:NoExecute")
          && onNode("node-2").allMatch(p -> PodFacts.isTerminating(p) && !PodFacts.isReady(p))
          && cluster.all(Pod.class).stream().filter(PodFacts::isActive).count() == 6;
    });

    Node back = client.resources(Node.class).read("", "node-2");
    Node ignored =
        client
            .resources(Node.class)
            .updateStatus(back.toBuilder().setStatus(node("node-2").getStatus()).build());
    eventually(() -> {
      beat("node-0", "node-1", "node-2");
      return taints("node-2").isEmpty();
    });
    client.resources(Node.class).delete("", "node-2", DeletePolicy.DEFAULT);
    eventually(() -> {
      beat("node-0", "node-1");
      return onNode("node-2").findAny().isEmpty();
    });
  }

  @Test
  void whenAllNodesAreSilentNoPodIsTouched() {
    for (String name : List.of("node-0", "node-1", "node-2")) {
      Node ignored = client.resources(Node.class).create(node(name));
      beat(name);
    }
    create(deployment("web", 3, s -> {}));
    eventually(() -> {
      beat("node-0", "node-1", "node-2");
      kubelet.step();
      return cluster.all(Pod.class).stream().filter(PodFacts::isReady).count() == 3;
    });

    eventually(() ->
        cluster.all(Node.class).stream()
            .allMatch(n ->
                taints(n.getMetadata().getName())
                    .contains("node.kubernetes.io/unreachable:NoSchedule")));

    assertThat(cluster.all(Pod.class)).hasSize(3).allMatch(PodFacts::isReady);
    assertThat(cluster.all(Node.class))
        .noneMatch(n ->
            taints(n.getMetadata().getName()).contains("node.kubernetes.io/unreachable:NoExecute"));
  }

  private void create(Deployment deployment) {
    Deployment.Builder bare = deployment.toBuilder();
    bare.getMetadataBuilder().clearUid();
    Deployment ignored = client.resources(Deployment.class).create(bare.build());
  }

  private void delete(String name, Propagation how) {
    client
        .resources(Deployment.class)
        .delete(NAMESPACE, name, DeletePolicy.DEFAULT.propagating(how));
  }

  private static Service service() {
    Service.Builder service =
        Service.newBuilder()
            .setMetadata(ObjectMeta.newBuilder().setName("web").setNamespace(NAMESPACE));
    service
        .getSpecBuilder()
        .setClusterIP("10.96.0.20")
        .putSelector("app", "web")
        .addPorts(ServicePort.newBuilder().setPort(80).setProtocol("TCP"));
    return service.build();
  }

  private long readyAddresses() {
    return cluster.all(EndpointSlice.class).stream()
        .flatMap(slice -> slice.getEndpointsList().stream())
        .map(Endpoint::getConditions)
        .filter(c -> c.getReady())
        .count();
  }

  private static Node node(String name) {
    Node.Builder node = Node.newBuilder().setMetadata(ObjectMeta.newBuilder().setName(name));
    node.getStatusBuilder()
        .addConditions(
            NodeCondition.newBuilder()
                .setType("Ready")
                .setStatus("True")
                .setLastTransitionTime(Times.time(Instant.now()))
                .setLastHeartbeatTime(Times.time(Instant.now())));
    return node.build();
  }

  private void beat(String... nodes) {
    for (String node : nodes) {
      var leases = client.resources(Lease.class);
      Lease.Builder lease =
          leases
              .find("kube-node-lease", node)
              .orElseGet(() ->
                  leases.create(
                      Lease.newBuilder()
                          .setMetadata(
                              ObjectMeta.newBuilder().setName(node).setNamespace("kube-node-lease"))
                          .build()))
              .toBuilder();
      lease.getSpecBuilder().setHolderIdentity(node).setRenewTime(Times.microTime(Instant.now()));
      Lease ignored = leases.update(lease.build());
      reportReady(node);
    }
  }

  // As an agent does: it says that it is ready when the API says otherwise.
  private void reportReady(String name) {
    Node node = client.resources(Node.class).read("", name);
    boolean ready =
        node.getStatus().getConditionsList().stream()
            .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
    if (!ready) {
      try {
        Node ignored =
            client
                .resources(Node.class)
                .updateStatus(node.toBuilder().setStatus(node(name).getStatus()).build());
      } catch (io.coxswain.client.ApiException e) {
        assertThat(e.isConflict()).isTrue();
      }
    }
  }

  private java.util.stream.Stream<Pod> onNode(String name) {
    return cluster.all(Pod.class).stream().filter(p -> p.getSpec().getNodeName().equals(name));
  }

  private List<String> taints(String node) {
    return client.resources(Node.class).read("", node).getSpec().getTaintsList().stream()
        .map(t -> t.getKey() + ":" + t.getEffect())
        .toList();
  }
}
