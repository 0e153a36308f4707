package io.coxswain.node.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeAddress;
import io.coxswain.api.core.v1.NodeSpec;
import io.coxswain.api.core.v1.NodeStatus;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.core.v1.ServiceSpec;
import io.coxswain.api.discovery.v1.Endpoint;
import io.coxswain.api.discovery.v1.EndpointConditions;
import io.coxswain.api.discovery.v1.EndpointPort;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiClient;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.testing.InMemoryApi;
import io.coxswain.node.dns.TestQuestion;
import io.coxswain.node.netlink.Netlink;
import io.coxswain.node.netlink.TestNamespaces;
import io.coxswain.node.network.PodNetwork.HostPort;
import io.coxswain.node.network.TestNode.Pod;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Two nodes in namespaces of their own, with the kernel's real parts.
@Timeout(120)
class NodeNetworkTest {

  private static final Logger LOG = LoggerFactory.getLogger(NodeNetworkTest.class);
  private static final int PORT = 8080;

  @TempDir private Path folder;
  private final InMemoryApi memory = new InMemoryApi();
  private final ApiClient api = memory.client();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private TestNamespaces namespaces;
  private Path fabric;
  private TestNode one;
  private TestNode two;

  @BeforeEach
  void open() throws Exception {
    namespaces = new TestNamespaces();
    fabric = TestNode.fabric(namespaces);
    one = node("one", "192.0.2.1", 24, "10.244.1.0/24");
    two = node("two", "192.0.2.2", 24, "10.244.2.0/24");
    one.start();
    two.start();
  }

  private TestNode node(String name, String address, int prefix, String pods) throws Exception {
    memory.seed(
        Node.newBuilder()
            .setMetadata(ObjectMeta.newBuilder().setName(name))
            .setSpec(NodeSpec.newBuilder().setPodCIDR(pods))
            .setStatus(
                NodeStatus.newBuilder()
                    .addAddresses(
                        NodeAddress.newBuilder().setType("InternalIP").setAddress(address)))
            .build());
    TestNode node = TestNode.create(namespaces, fabric, name, address, prefix, folder, api);
    opened.add(node);
    return node;
  }

  @AfterEach
  void close() throws Exception {
    try (TestNamespaces _ = namespaces) {
      for (AutoCloseable each : opened.reversed()) {
        each.close();
      }
    }
  }

  @Test
  void podsReachPodsOfBothNodes() throws Exception {
    Pod here = server(one, "here");
    Pod beside = server(one, "beside");
    Pod there = server(two, "there");
    assertThat(here.ip()).startsWith("10.244.1.");
    assertThat(there.ip()).startsWith("10.244.2.");
    assertThat(ask(here, beside.ip(), PORT)).isEqualTo("beside " + here.ip());
    assertThat(ask(here, there.ip(), PORT)).isEqualTo("there " + here.ip());
    assertThat(ask(there, here.ip(), PORT)).isEqualTo("here " + there.ip());
    assertThat(askFrom(one.namespace(), there.ip(), PORT)).startsWith("there ");
    // Outside of the cluster a pod shows its node's address.
    opened.add(
        new EchoServer(namespaces.in(two.namespace(), () -> EchoServer.listen(9000)), "host"));
    assertThat(ask(here, "192.0.2.2", 9000)).isEqualTo("host 192.0.2.1");
  }

  /// The kernel drops a device's routes when it goes down, and the API knows of nothing.
  @Test
  void theWaysToOtherNodesComeBackWithTheLink() throws Exception {
    Pod here = server(one, "here");
    Pod there = server(two, "there");
    assertThat(ask(here, there.ip(), PORT)).startsWith("there ");
    run(one.namespace(), "ip", "link", "set", "eth0", "down");
    assertThat(run(one.namespace(), "ip", "route")).doesNotContain("10.244.2.0/24");
    run(one.namespace(), "ip", "link", "set", "eth0", "up");
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(ask(here, there.ip(), PORT)).isEqualTo("there " + here.ip()));
    run(one.namespace(), "ip", "route", "flush", "proto", "67", "exact", "10.244.2.0/24");
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(ask(here, there.ip(), PORT)).isEqualTo("there " + here.ip()));
    run(one.namespace(), "ip", "address", "flush", "dev", "eth0");
    run(one.namespace(), "ip", "address", "add", "192.0.2.1/24", "dev", "eth0");
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(ask(here, there.ip(), PORT)).isEqualTo("there " + here.ip()));
    run(one.namespace(), "ip", "link", "delete", "cxs0");
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(run(one.namespace(), "ip", "address")).contains("10.244.1.1/24"));
  }

  @Test
  void servicesLeadToReadyEndpoints() throws Exception {
    Pod caller = one.pod("caller");
    Pod near = server(one, "near");
    Pod far = server(two, "far");
    service("web", "10.96.0.20", 30080);
    assertThat(settled(caller, "10.96.0.20", 80)).startsWith("refused: Connection refused");
    endpoints("web", near, far);
    Awaitility.await().until(() -> !ask(caller, "10.96.0.20", 80).startsWith("refused"));

    assertThat(answers(caller.namespace(), "10.96.0.20", 80, 40))
        .containsExactlyInAnyOrder("near", "far");
    assertThat(answers(one.namespace(), "10.96.0.20", 80, 40))
        .containsExactlyInAnyOrder("near", "far");
    assertThat(answers(two.namespace(), "127.0.0.1", 30080, 40))
        .containsExactlyInAnyOrder("near", "far");
    assertThat(answers(one.namespace(), "192.0.2.2", 30080, 40))
        .containsExactlyInAnyOrder("near", "far");
    assertThat(answers(caller.namespace(), "192.0.2.2", 30080, 40))
        .containsExactlyInAnyOrder("near", "far");
    // A pod sees who calls, and can call itself.
    endpoints("web", near);
    Awaitility.await()
        .until(() -> answers(caller.namespace(), "10.96.0.20", 80, 20).equals(Set.of("near")));
    assertThat(ask(caller, "10.96.0.20", 80)).isEqualTo("near " + caller.ip());
    assertThat(ask(near, "10.96.0.20", 80)).startsWith("near ");
    // Services that are not there are refused at once.
    assertThat(ask(caller, "10.96.0.99", 80)).startsWith("refused: Connection refused");
    endpoints("web");
    Awaitility.await().until(() -> ask(caller, "10.96.0.20", 80).startsWith("refused"));
    assertThat(askFrom(two.namespace(), "192.0.2.1", 30080)).startsWith("refused");
  }

  @Test
  void nodePortsOfAPodAndAnAgentThatStartsAnew() throws Exception {
    Pod pod = server(one, "web", new HostPort("", 8081, PORT, "TCP"));
    assertThat(askFrom(two.namespace(), "192.0.2.1", 8081)).isEqualTo("web 192.0.2.2");
    assertThat(askFrom(one.namespace(), "127.0.0.1", 8081)).startsWith("web ");
    assertThat(ask(pod, "192.0.2.1", 8081)).startsWith("web ");
    Path fresh = namespaces.create("other");
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(() ->
                one.network()
                    .setUp(
                        new PodNetwork.Attachment(
                            "uid-other",
                            "default",
                            "other",
                            fresh,
                            List.of(new HostPort("", 8081, 80, "TCP"))))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("8081/TCP belongs to pod uid-web already");

    one.restart();
    assertThat(one.network().owners()).containsExactly("uid-web");
    assertThat(askFrom(two.namespace(), "192.0.2.1", 8081)).isEqualTo("web 192.0.2.2");
    assertThat(
            one.network()
                .setUp(
                    new PodNetwork.Attachment(
                        pod.uid(),
                        "default",
                        "web",
                        pod.namespace(),
                        List.of(new HostPort("", 8081, PORT, "TCP")))))
        .containsExactly(pod.address());
    assertThat(askFrom(two.namespace(), "192.0.2.1", 8081)).isEqualTo("web 192.0.2.2");

    one.network().tearDown(pod.uid());
    one.network().tearDown(pod.uid());
    assertThat(one.network().owners()).isEmpty();
    assertThat(one.link(PodLinks.deviceName(pod.uid()))).isEmpty();
    assertThat(askFrom(two.namespace(), "192.0.2.1", 8081)).startsWith("refused");
    assertThat(one.pod("next").address()).isNotEqualTo(pod.address());

    one.network().purge();
    assertThat(one.link("cxs0")).isEmpty();
  }

  @Test
  void aNodeOfAnotherSubnetIsReachedByTheTunnel() throws Exception {
    TestNode three = node("three", "198.51.100.3", 32, "10.244.3.0/24");
    // Stands for a router between the subnets.
    link(one, "198.51.100.3");
    link(two, "198.51.100.3");
    link(three, "192.0.2.1");
    link(three, "192.0.2.2");
    three.start();
    Pod here = server(one, "here");
    Pod there = server(three, "there");
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(ask(here, there.ip(), PORT)).isEqualTo("there " + here.ip()));
    assertThat(ask(there, here.ip(), PORT)).isEqualTo("here " + there.ip());
    assertThat(one.link(NodeLinks.TUNNEL)).isPresent();
    api.resources(Node.class).delete("", "three", DeletePolicy.DEFAULT);
    Awaitility.await()
        .untilAsserted(() -> {
          try (Netlink netlink = namespaces.netlink(one.namespace())) {
            assertThat(netlink.ownRoutes())
                .noneMatch(route -> route.destination().getHostAddress().equals("10.244.3.0"));
          }
        });
  }

  private void link(TestNode node, String peer) throws Exception {
    try (Netlink netlink = namespaces.netlink(node.namespace())) {
      netlink.replaceRoute(
          new Netlink.Route(
              InetAddress.ofLiteral(peer),
              32,
              Optional.empty(),
              netlink.link("eth0").orElseThrow().index(),
              false,
              Optional.of(node.address())));
    }
  }

  @Test
  void namesAreAnsweredInPods() throws Exception {
    Pod caller = one.pod("caller");
    service("web", "10.96.0.20", 0);
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(
                    namespaces.in(
                        caller.namespace(),
                        () -> TestQuestion.udp("web.default.svc.cluster.local")))
                .contains("10.96.0.20"));
    assertThat(
            namespaces.in(
                caller.namespace(), () -> TestQuestion.tcp("web.default.svc.cluster.local")))
        .contains("10.96.0.20");
    assertThat(
            namespaces.in(one.namespace(), () -> TestQuestion.udp("web.default.svc.cluster.local")))
        .contains("10.96.0.20");
    assertThat(
            namespaces.in(
                caller.namespace(), () -> TestQuestion.udp("nope.default.svc.cluster.local")))
        .isEmpty();
    long start = System.nanoTime();
    int asked = 5000;
    for (int i = 0; i < asked; i++) {
      // Each from a port of its own, as resolvers do.
      assertThat(
              namespaces.in(
                  caller.namespace(), () -> TestQuestion.udp("web.default.svc.cluster.local")))
          .hasSize(1);
    }
    LOG.info("measured: {} us a name from a pod", (System.nanoTime() - start) / 1000 / asked);
  }

  @Test
  void noRequestFailsWhileEndpointsChange() throws Exception {
    Pod caller = one.pod("caller");
    List<Pod> pods = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      pods.add(server(i % 2 == 0 ? one : two, "pod" + i));
    }
    service("web", "10.96.0.20", 0);
    endpoints("web", pods.get(0));
    Awaitility.await().until(() -> ask(caller, "10.96.0.20", 80).startsWith("pod"));
    AtomicBoolean stop = new AtomicBoolean();
    ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    AtomicInteger requests = new AtomicInteger();
    Thread load =
        Thread.ofPlatform()
            .start(() -> {
              while (!stop.get()) {
                try {
                  namespaces.in(
                      caller.namespace(),
                      () -> {
                        for (int i = 0; i < 50; i++) {
                          String said = EchoServer.ask("10.96.0.20", 80);
                          requests.incrementAndGet();
                          if (!said.startsWith("pod")) {
                            failures.add(said);
                          }
                        }
                        return "";
                      });
                } catch (Exception e) {
                  failures.add(e.toString());
                }
              }
            });
    int changes = 0;
    while (requests.get() < 10_000 && failures.isEmpty()) {
      endpoints("web", pods.get(changes % 4), pods.get((changes + 1) % 4));
      changes++;
      int seen = requests.get();
      Awaitility.await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(2))
          .until(() -> requests.get() > seen + 20);
    }
    stop.set(true);
    load.join();
    LOG.info(
        "measured: {} requests during {} changes of endpoints, failed {}",
        requests,
        changes,
        failures.size());
    assertThat(failures).isEmpty();
  }

  @Test
  void manyPodsAndServices() throws Exception {
    for (int i = 0; i < 1000; i++) {
      service("many" + i, "10.96.%d.%d".formatted(2 + i / 250, 1 + i % 250), 0);
    }
    Pod near = server(one, "near");
    for (int i = 0; i < 1000; i++) {
      endpoints("many" + i, near);
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> ask(near, "10.96.5.250", 80).startsWith("near"));
    long start = System.nanoTime();
    int changes = 20;
    for (int i = 0; i < changes; i++) {
      String address = "10.96.9." + (i + 1);
      service("late" + i, address, 0);
      endpoints("late" + i, near);
      Awaitility.await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> ask(near, address, 80).startsWith("near"));
    }
    LOG.info(
        "measured: {} ms from a new Service to its first answer, beside 1000 others",
        (System.nanoTime() - start) / 1_000_000 / changes);
    List<Path> pins = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      pins.add(namespaces.create("pod" + i));
    }
    start = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      one.network()
          .setUp(
              new PodNetwork.Attachment("uid" + i, "default", "pod" + i, pins.get(i), List.of()));
    }
    LOG.info("measured: {} us to connect a pod", (System.nanoTime() - start) / 1000 / 100);
    start = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      one.network().tearDown("uid" + i);
    }
    LOG.info("measured: {} us to disconnect a pod", (System.nanoTime() - start) / 1000 / 100);
  }

  /// CVE-2020-8558: what listens on a node's loopback alone is for the node alone.
  @Test
  void aPodDoesNotReachTheLoopbackOfItsNode() throws Exception {
    Pod hostile = one.pod("hostile");
    opened.add(
        new EchoServer(namespaces.in(one.namespace(), () -> EchoServer.listen(9001)), "inner"));
    assertThat(askFrom(one.namespace(), "127.0.0.1", 9001)).startsWith("inner");
    for (String device : List.of("all", "eth0")) {
      run(hostile.namespace(), "sysctl", "-qw", "net.ipv4.conf." + device + ".route_localnet=1");
    }
    run(hostile.namespace(), "ip", "address", "flush", "dev", "lo");
    run(
        hostile.namespace(),
        "ip",
        "route",
        "add",
        "127.0.0.1/32",
        "via",
        "10.244.1.1",
        "dev",
        "eth0",
        "onlink");
    assertThat(ask(hostile, "127.0.0.1", 9001)).doesNotStartWith("inner");
    // without the rule it would
    run(one.namespace(), "nft", "flush", "chain", "inet", "coxswain", "guard-source");
    assertThat(ask(hostile, "127.0.0.1", 9001)).startsWith("inner");
  }

  /// CVE-2020-10749: nor does anything of IPv6 that a pod sends come to its node, as that it is a
  /// router.
  @Test
  void aPodSaysNothingToItsNodeByIpv6() throws Exception {
    Pod hostile = one.pod("hostile");
    opened.add(
        new EchoServer(namespaces.in(one.namespace(), () -> EchoServer.listen(9001)), "inner"));
    String device =
        run(one.namespace(), "ip", "-o", "link")
            .lines()
            .filter(line -> line.contains(" cxp"))
            .findFirst()
            .orElseThrow()
            .split("[ @]+", -1)[1];
    Callable<String> ask = () -> askLinkLocal(one.namespace(), device, hostile);
    assertThat(ask.call()).doesNotStartWith("inner");
    // without the rule it would
    run(one.namespace(), "nft", "flush", "chain", "inet", "coxswain", "guard-source");
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(ask.call()).startsWith("inner"));
  }

  private String askLinkLocal(Path namespace, String device, Pod from) throws Exception {
    Matcher address =
        Pattern.compile("inet6 (fe80:[0-9a-f:]+)")
            .matcher(run(namespace, "ip", "-6", "-o", "address", "show", "dev", device));
    assertThat(address.find()).isTrue();
    byte[] bytes = InetAddress.ofLiteral(address.group(1)).getAddress();
    return namespaces.in(
        from.namespace(),
        () -> {
          int index = NetworkInterface.getByName("eth0").getIndex();
          return EchoServer.ask(Inet6Address.getByAddress(null, bytes, index), 9001);
        });
  }

  private static String run(Path namespace, String... command) throws Exception {
    List<String> words = new ArrayList<>(List.of("nsenter", "--net=" + namespace));
    words.addAll(List.of(command));
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", words, said).isZero();
    return said;
  }

  private Pod server(TestNode node, String name, HostPort... ports) throws Exception {
    Pod pod = node.pod(name, ports);
    opened.add(new EchoServer(namespaces.in(pod.namespace(), () -> EchoServer.listen(PORT)), name));
    return pod;
  }

  private String ask(Pod from, String address, int port) throws Exception {
    return askFrom(from.namespace(), address, port);
  }

  private String askFrom(Path namespace, String address, int port) throws Exception {
    return namespaces.in(namespace, () -> EchoServer.ask(address, port));
  }

  private String settled(Pod from, String address, int port) throws Exception {
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> !ask(from, address, port).startsWith("timeout"));
    return ask(from, address, port);
  }

  private Set<String> answers(Path namespace, String address, int port, int times)
      throws Exception {
    Set<String> answers = new HashSet<>();
    for (int i = 0; i < times; i++) {
      answers.add(askFrom(namespace, address, port).replaceAll(" \\d.*", ""));
    }
    return answers;
  }

  private void service(String name, String address, int nodePort) {
    api.resources(Service.class)
        .create(
            Service.newBuilder()
                .setMetadata(ObjectMeta.newBuilder().setNamespace("default").setName(name))
                .setSpec(
                    ServiceSpec.newBuilder()
                        .setType(nodePort > 0 ? "NodePort" : "ClusterIP")
                        .setClusterIP(address)
                        .addClusterIPs(address)
                        .addPorts(
                            ServicePort.newBuilder()
                                .setName("http")
                                .setProtocol("TCP")
                                .setPort(80)
                                .setNodePort(nodePort)))
                .build());
  }

  private void endpoints(String service, Pod... pods) {
    EndpointSlice.Builder slice =
        EndpointSlice.newBuilder()
            .setMetadata(
                ObjectMeta.newBuilder()
                    .setNamespace("default")
                    .setName(service + "-1")
                    .putLabels("kubernetes.io/service-name", service))
            .setAddressType("IPv4")
            .addPorts(EndpointPort.newBuilder().setName("http").setProtocol("TCP").setPort(PORT));
    for (Pod pod : pods) {
      slice.addEndpoints(
          Endpoint.newBuilder()
              .addAddresses(pod.ip())
              .setNodeName(pod.node())
              .setConditions(EndpointConditions.newBuilder().setReady(true).setServing(true)));
    }
    var slices = api.resources(EndpointSlice.class);
    if (slices.find("default", service + "-1").isPresent()) {
      slices.update(slice.build());
    } else {
      slices.create(slice.build());
    }
  }
}
