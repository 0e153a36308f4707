package io.coxswain.node.network;

import io.coxswain.client.ApiClient;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.node.netlink.MacAddress;
import io.coxswain.node.netlink.Netlink;
import io.coxswain.node.netlink.TestNamespaces;
import io.coxswain.node.network.PodNetwork.HostPort;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;

/// A node in a network namespace of its own, with the real parts, fed by an API in memory.
final class TestNode implements AutoCloseable {

  static final InetAddress GATEWAY_TO_ALL = InetAddress.ofLiteral("0.0.0.0");

  private final TestNamespaces namespaces;
  private final String name;
  private final Path namespace;
  private final InetAddress address;
  private final Path folder;
  private final ApiClient api;
  private InformerFactory informers;
  private NodeNetwork network;

  private TestNode(
      TestNamespaces namespaces,
      String name,
      Path namespace,
      InetAddress address,
      Path folder,
      ApiClient api)
      throws IOException {
    this.namespaces = namespaces;
    this.name = name;
    this.namespace = namespace;
    this.address = address;
    this.folder = folder;
    this.api = api;
    this.informers = new InformerFactory(api);
    this.network = open();
  }

  /// A node that is plugged into the switch.
  static TestNode create(
      TestNamespaces namespaces,
      Path fabric,
      String name,
      String address,
      int prefixLength,
      Path folder,
      ApiClient api)
      throws Exception {
    Path namespace = namespaces.create(name);
    InetAddress own = InetAddress.ofLiteral(address);
    try (Netlink outside = namespaces.netlink(fabric);
        Netlink inside = namespaces.netlink(namespace)) {
      int bridge = outside.link("fabric").orElseThrow().index();
      outside.addVeth(
          new Netlink.Veth(
              name, MacAddress.of(7, own), 1500, bridge, "eth0", MacAddress.of(9, own), namespace));
      int device = inside.link("eth0").orElseThrow().index();
      inside.bringUp(1);
      inside.bringUp(device);
      inside.addAddress(new Netlink.Address(device, own, prefixLength));
    }
    return new TestNode(namespaces, name, namespace, own, folder, api);
  }

  /// Where nodes are plugged in.
  static Path fabric(TestNamespaces namespaces) throws Exception {
    Path fabric = namespaces.create("fabric");
    try (Netlink netlink = namespaces.netlink(fabric)) {
      netlink.addBridge("fabric", MacAddress.of(8, InetAddress.ofLiteral("192.0.2.254")), 1500);
      netlink.bringUp(1);
    }
    return fabric;
  }

  private NodeNetwork open() throws IOException {
    return new NodeNetwork(
        NodeNetworkOptions.of(name, address, folder.resolve(name)),
        informers,
        namespaces.all(),
        OwnNamespace.pinned(namespace, namespaces.all()),
        new SimpleMeterRegistry());
  }

  TestNode start() {
    network.start();
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(
            () -> org.assertj.core.api.Assertions.assertThat(network.unreadyReason()).isEmpty());
    return this;
  }

  /// As when the agent is killed and started again.
  void restart() throws IOException {
    network.close();
    informers.close();
    informers = new InformerFactory(api);
    network = open();
    start();
  }

  Pod pod(String podName, HostPort... ports) throws Exception {
    Path pin = namespaces.create(name + "-" + podName);
    InetAddress podAddress =
        network
            .setUp(
                new PodNetwork.Attachment(
                    "uid-" + podName, "default", podName, pin, List.of(ports)))
            .getFirst();
    return new Pod("uid-" + podName, pin, podAddress, name);
  }

  record Pod(String uid, Path namespace, InetAddress address, String node) {

    String ip() {
      return address.getHostAddress();
    }
  }

  NodeNetwork network() {
    return network;
  }

  Path namespace() {
    return namespace;
  }

  InetAddress address() {
    return address;
  }

  String name() {
    return name;
  }

  Optional<Netlink.Link> link(String device) throws Exception {
    try (Netlink netlink = namespaces.netlink(namespace)) {
      return netlink.link(device);
    }
  }

  @Override
  public void close() {
    network.close();
    informers.close();
  }
}
