package io.coxswain.node.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinuxNetlinkTest {

  private static final MacAddress MAC = MacAddress.of(1, InetAddress.ofLiteral("10.1.0.1"));

  private TestNamespaces namespaces;
  private Path node;
  private Path pod;
  private Netlink netlink;

  @BeforeEach
  void open() throws Exception {
    namespaces = new TestNamespaces();
    node = namespaces.create("node");
    pod = namespaces.create("pod");
    netlink = namespaces.netlink(node);
  }

  @AfterEach
  void close() throws IOException {
    netlink.close();
    namespaces.close();
  }

  @Test
  void linksAreMadeFoundAndDeleted() throws Exception {
    assertThat(netlink.link("cxs0")).isEmpty();
    netlink.addBridge("cxs0", MAC, 1400);
    Netlink.Link bridge = netlink.link("cxs0").orElseThrow();
    assertThat(bridge.kind()).isEqualTo("bridge");
    assertThat(bridge.mtu()).isEqualTo(1400);
    assertThat(bridge.up()).isTrue();
    assertThatThrownBy(() -> netlink.addBridge("cxs0", MAC, 1400))
        .isInstanceOfSatisfying(
            NetlinkException.class, e -> assertThat(e.errno()).isEqualTo(NetlinkException.EEXIST))
        .hasMessageContaining("cxs0");

    netlink.addVeth(new Netlink.Veth("cv1", MAC, 1400, bridge.index(), "eth0", MAC, pod));
    Netlink.Link port = netlink.link("cv1").orElseThrow();
    assertThat(port.master()).isEqualTo(bridge.index());
    try (Netlink inPod = namespaces.netlink(pod)) {
      assertThat(inPod.link("eth0").orElseThrow().up()).isFalse();
      inPod.bringUp(inPod.link("eth0").orElseThrow().index());
      assertThat(inPod.link("eth0").orElseThrow().up()).isTrue();
    }
    netlink.deleteLink("cv1");
    netlink.deleteLink("cv1");
    assertThat(netlink.link("cv1")).isEmpty();
    try (Netlink inPod = namespaces.netlink(pod)) {
      assertThat(inPod.link("eth0")).isEmpty();
    }
  }

  @Test
  void addressesAndRoutes() throws Exception {
    netlink.addBridge("cxs0", MAC, 1500);
    int link = netlink.link("cxs0").orElseThrow().index();
    Netlink.Address address = new Netlink.Address(link, ip("10.1.0.1"), 24);
    netlink.addAddress(address);
    netlink.addAddress(address);
    assertThat(netlink.addresses()).containsExactly(address);

    Netlink.Route direct =
        new Netlink.Route(
            ip("10.96.0.0"), 16, Optional.empty(), link, false, Optional.of(ip("10.1.0.1")));
    Netlink.Route via =
        new Netlink.Route(
            ip("10.2.0.0"), 24, Optional.of(ip("10.1.0.7")), link, false, Optional.empty());
    Netlink.Route fallback =
        new Netlink.Route(
            ip("0.0.0.0"), 0, Optional.of(ip("10.1.0.9")), link, false, Optional.empty());
    netlink.replaceRoute(direct);
    netlink.replaceRoute(via);
    netlink.replaceRoute(via);
    assertThat(netlink.ownRoutes()).containsExactlyInAnyOrder(direct, via);
    netlink.replaceRoute(fallback);
    assertThat(netlink.linkTowards(ip("192.0.2.1"))).isEqualTo(link);
    netlink.deleteRoute(direct);
    netlink.deleteRoute(direct);
    netlink.deleteRoute(fallback);
    assertThat(netlink.ownRoutes()).containsExactly(via);
    netlink.deleteAddress(address);
    netlink.deleteAddress(address);
    assertThat(netlink.addresses()).isEmpty();
    assertThatThrownBy(() -> netlink.linkTowards(ip("192.0.2.1")))
        .isInstanceOf(NetlinkException.class);
  }

  @Test
  void vxlanPeers() throws Exception {
    netlink.addVxlan(new Netlink.Vxlan("cxs-vxlan", 7, 8472, ip("192.0.2.1"), MAC, 1450));
    int link = netlink.link("cxs-vxlan").orElseThrow().index();
    netlink.addAddress(new Netlink.Address(link, ip("10.1.0.0"), 32));
    MacAddress peer = MacAddress.of(2, ip("10.2.0.0"));
    netlink.replaceNeighbour(link, ip("10.2.0.0"), peer);
    netlink.replaceForwarding(link, peer, ip("192.0.2.2"));
    netlink.replaceForwarding(link, peer, ip("192.0.2.3"));
    netlink.replaceRoute(
        new Netlink.Route(
            ip("10.2.0.0"), 24, Optional.of(ip("10.2.0.0")), link, true, Optional.empty()));
    assertThat(netlink.ownRoutes()).hasSize(1);
    netlink.deleteForwarding(link, peer, ip("192.0.2.3"));
    netlink.deleteNeighbour(link, ip("10.2.0.0"));
    netlink.deleteNeighbour(link, ip("10.2.0.0"));
  }

  private static InetAddress ip(String literal) {
    return InetAddress.ofLiteral(literal);
  }
}
