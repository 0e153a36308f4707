package io.coxswain.node.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.node.netlink.Netlink;
import io.coxswain.node.netlink.TestNamespaces;
import io.coxswain.node.service.Conntrack.Flow;
import io.coxswain.node.service.ServiceEndpoints.Target;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UdpFrontsTest {

  private static final Target A = new Target("10.244.1.2", 53);
  private static final Target B = new Target("10.244.1.3", 53);

  @Test
  void flowsToOthersThanTargetsAreStale() {
    UdpFronts before =
        new UdpFronts(
            Map.of("10.96.0.7 . 53", Set.of(A, B), "10.96.0.8 . 53", Set.of(A)), Map.of());
    UdpFronts now = new UdpFronts(Map.of("10.96.0.7 . 53", Set.of(B)), Map.of(30053, Set.of(B)));
    Flow kept = flow("10.96.0.7", 53, B);
    Flow gone = flow("10.96.0.7", 53, A);
    Flow withoutService = flow("10.96.0.8", 53, A);
    Flow untranslated = flow("192.0.2.1", 30053, new Target("192.0.2.1", 30053));
    Flow foreign = flow("192.0.2.9", 53, new Target("192.0.2.9", 53));
    assertThat(now.stale(before, List.of(kept, gone, withoutService, untranslated, foreign)))
        .containsExactly(gone, withoutService, untranslated);
  }

  @Test
  void theKernelListsAndForgetsFlows() throws Exception {
    try (TestNamespaces namespaces = new TestNamespaces()) {
      Path namespace = namespaces.create("flows");
      try (Netlink netlink = namespaces.netlink(namespace);
          Nftables nftables = namespaces.in(namespace, LibNftables::open);
          Conntrack conntrack = namespaces.in(namespace, NetlinkConntrack::open)) {
        netlink.bringUp(1);
        // Tracking begins with the first rule that asks for it.
        nftables.run(
            """
            add table inet coxswain
            add chain inet coxswain out { type nat hook output priority -100; }
            add rule inet coxswain out ip daddr 127.0.0.7 udp dport 53 dnat ip to 127.0.0.1:5353
            """);
        namespaces.in(
            namespace,
            () -> {
              try (DatagramSocket socket = new DatagramSocket()) {
                socket.send(
                    new DatagramPacket(
                        new byte[1],
                        1,
                        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.7"), 53)));
              }
              return "";
            });
        List<Flow> flows = conntrack.udpFlows();
        assertThat(flows).hasSize(1);
        Flow flow = flows.getFirst();
        assertThat(flow.called()).isEqualTo(InetAddress.ofLiteral("127.0.0.7"));
        assertThat(flow.calledPort()).isEqualTo(53);
        assertThat(flow.answering()).isEqualTo(InetAddress.ofLiteral("127.0.0.1"));
        assertThat(flow.answeringPort()).isEqualTo(5353);
        conntrack.forget(flow);
        conntrack.forget(flow);
        assertThat(conntrack.udpFlows()).isEmpty();
      }
    }
  }

  private static Flow flow(String called, int port, Target answering) {
    return new Flow(
        InetAddress.ofLiteral("10.244.1.9"),
        4000,
        InetAddress.ofLiteral(called),
        port,
        InetAddress.ofLiteral(answering.address()),
        answering.port());
  }
}
