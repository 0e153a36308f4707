package io.coxswain.node.service;

import io.coxswain.node.service.NodeFacts.HostPortRule;
import io.coxswain.node.service.Ruleset.Elements;
import java.util.List;
import java.util.Map;

/// The rules that are there without any Service: the frame that services are looked up in, ways out
/// for pods, ports of the node, name resolution. Pure.
final class BaseRules {

  /// Packet mark that asks for masquerading once the packet leaves; one bit, others are left alone.
  static final String MARK = "0x00004000";

  static final String SERVICE_ADDRESSES = "service-addresses";
  static final String NODE_PORTS = "service-nodeports";
  static final String CLOSED_ADDRESSES = "closed-addresses";
  static final String CLOSED_PORTS = "closed-nodeports";
  static final String MASQUERADE = "mark-masquerade";
  static final String REJECT = "refuse";
  private static final String DNS = "cluster-dns";

  private static final String BY_ADDRESS = "meta l4proto . ip daddr . th dport";
  private static final String BY_PORT = "meta l4proto . th dport";

  private BaseRules() {}

  static Ruleset of(NodeFacts node) {
    Ruleset rules = Ruleset.empty();
    sets(rules, node);
    translation(rules, node);
    source(rules, node);
    filters(rules, node);
    return rules;
  }

  private static void sets(Ruleset rules, NodeFacts node) {
    Map<String, Elements> sets = rules.sets();
    String addressPort = "type inet_proto . ipv4_addr . inet_service : ";
    Elements addresses = Elements.map(addressPort + "verdict;");
    for (String protocol : List.of("tcp", "udp")) {
      String key = "%s . %s . 53".formatted(protocol, node.dnsService().getHostAddress());
      addresses.elements().put(key, "goto " + DNS);
    }
    sets.put(SERVICE_ADDRESSES, addresses);
    sets.put(NODE_PORTS, Elements.map("type inet_proto . inet_service : verdict;"));
    sets.put(CLOSED_ADDRESSES, Elements.map(addressPort + "verdict;"));
    sets.put(CLOSED_PORTS, Elements.map("type inet_proto . inet_service : verdict;"));
    Elements hostPorts = Elements.map("type inet_proto . inet_service : ipv4_addr . inet_service;");
    Elements hostAddresses = Elements.map(addressPort + "ipv4_addr . inet_service;");
    for (HostPortRule port : node.hostPorts()) {
      String protocol = Protocols.nft(port.protocol());
      String target = "%s . %d".formatted(port.pod().getHostAddress(), port.podPort());
      if (port.hostAddress().isEmpty() || port.hostAddress().equals("0.0.0.0")) {
        hostPorts.elements().put("%s . %d".formatted(protocol, port.hostPort()), target);
      } else {
        String key = "%s . %s . %d".formatted(protocol, port.hostAddress(), port.hostPort());
        hostAddresses.elements().put(key, target);
      }
    }
    sets.put("host-ports", hostPorts);
    sets.put("host-address-ports", hostAddresses);
    // A pod that reaches itself by a service must see another's address, or it would answer itself.
    // All addresses of the range stand here for good: nothing is to be changed when a pod comes.
    Elements itself = Elements.set("type ipv4_addr . ipv4_addr;");
    for (long i = 2; i < Math.min(node.pods().size() - 1, 1024); i++) {
      String pod = node.pods().address(i).getHostAddress();
      itself.elements().put(pod + " . " + pod, "");
    }
    sets.put("pods-to-themselves", itself);
  }

  private static void translation(Ruleset rules, NodeFacts node) {
    rules
        .base("nat-prerouting", "type nat hook prerouting priority -100;", "jump services")
        .base("nat-output", "type nat hook output priority -100;", "jump services")
        .chain(
            "services",
            // Callers from elsewhere would get the answer from an address they never called.
            "ip daddr %s ip saddr != %s fib saddr type != local jump %s"
                .formatted(node.services(), node.cluster(), MASQUERADE),
            BY_ADDRESS + " vmap @" + SERVICE_ADDRESSES,
            "fib daddr type local " + BY_PORT + " vmap @" + NODE_PORTS,
            "dnat ip addr . port to " + BY_ADDRESS + " map @host-address-ports",
            "fib daddr type local dnat ip addr . port to " + BY_PORT + " map @host-ports")
        .chain(MASQUERADE, "meta mark set meta mark | " + MARK);
    rules.chain(
        DNS,
        "meta l4proto { tcp, udp } dnat ip to %s:%d"
            .formatted(node.gateway().getHostAddress(), node.dnsPort()));
  }

  private static void source(Ruleset rules, NodeFacts node) {
    rules.base(
        "nat-postrouting",
        "type nat hook postrouting priority 100;",
        "meta mark & %s != 0 meta mark set meta mark ^ %s masquerade".formatted(MARK, MARK),
        "ct status dnat ip saddr . ip daddr @pods-to-themselves masquerade",
        "ip saddr 127.0.0.0/8 oifname != \"lo\" masquerade",
        "ip saddr %s ip daddr != %s oifname != \"%s*\" masquerade"
            .formatted(node.pods(), node.cluster(), node.podDevices()));
  }

  private static void filters(Ruleset rules, NodeFacts node) {
    // A packet that is still addressed to a service met no endpoint, or there is no such service.
    String unserved = "ip daddr %s goto %s".formatted(node.services(), REJECT);
    String closed = BY_ADDRESS + " vmap @" + CLOSED_ADDRESSES;
    String closedPorts = "fib daddr type local " + BY_PORT + " vmap @" + CLOSED_PORTS;
    // Loopback addresses are routable here, for node ports on localhost: not for the wire.
    rules
        .base(
            "guard-source",
            "type filter hook prerouting priority -300;",
            "iifname != \"lo\" ip daddr 127.0.0.0/8 drop",
            // Pods have no IPv6: what comes is for the node itself, as that a pod is its router.
            "iifname \"%s*\" meta nfproto ipv6 drop".formatted(node.podDevices()),
            // A pod sends from its own address or not at all.
            "iifname \"%s*\" meta nfproto ipv4 fib saddr . iif oif missing drop"
                .formatted(node.podDevices()))
        // What connection tracking does not understand would go out untranslated.
        .base(
            "filter-forward",
            "type filter hook forward priority 0;",
            "iifname \"%s*\" ct state invalid drop".formatted(node.podDevices()),
            "oifname \"%s*\" ct state invalid drop".formatted(node.podDevices()),
            unserved,
            closed)
        .base("filter-input", "type filter hook input priority 0;", unserved, closed, closedPorts)
        .base("filter-output", "type filter hook output priority 0;", unserved, closed, closedPorts)
        .chain(
            REJECT, "meta l4proto tcp reject with tcp reset", "reject with icmpx port-unreachable");
  }
}
