package io.coxswain.node.service;

import io.coxswain.api.core.v1.LoadBalancerIngress;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.core.v1.ServiceSpec;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.node.service.Ruleset.Elements;
import io.coxswain.node.service.ServiceEndpoints.Target;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The rules of one Service. Pure.
///
/// Chains of a port are named `KIND/NAMESPACE/NAME/PROTOCOL/PORT`, where KIND says what they do:
/// `service` spreads over all endpoints, `local` over this node's, `external` takes what comes from
/// outside the cluster, `endpoint` and the set `affinity` belong to one endpoint of a Service whose
/// clients stick.
final class ServiceRules {

  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern IPV4_RANGE = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}(/\\d{1,2})?");
  private static final int DEFAULT_AFFINITY_SECONDS = 10_800;

  private final Service service;
  private final ServiceSpec spec;
  private final NodeFacts node;
  private final Ruleset rules = Ruleset.empty();

  private ServiceRules(Service service, NodeFacts node) {
    this.service = service;
    this.spec = service.getSpec();
    this.node = node;
  }

  /// Empty for a Service without an address of its own (headless, or another name for a host).
  static Ruleset of(Service service, Collection<EndpointSlice> slices, NodeFacts node) {
    ServiceRules of = new ServiceRules(service, node);
    List<String> addresses = of.clusterAddresses();
    if (!addresses.isEmpty() && !of.spec.getType().equals("ExternalName")) {
      for (ServicePort port : of.spec.getPortsList()) {
        of.port(port, addresses, ServiceEndpoints.of(port, slices, node.nodeName()));
      }
    }
    return of.rules;
  }

  private List<String> clusterAddresses() {
    List<String> all =
        spec.getClusterIPsCount() > 0 ? spec.getClusterIPsList() : List.of(spec.getClusterIP());
    return all.stream().filter(address -> IPV4.matcher(address).matches()).toList();
  }

  private void port(ServicePort port, List<String> addresses, ServiceEndpoints endpoints) {
    String all = chain("service", port);
    spread(all, port, endpoints.usable());
    boolean onlyLocal = spec.getInternalTrafficPolicy().equals("Local");
    boolean externalLocal = spec.getExternalTrafficPolicy().equals("Local");
    Set<String> external = externalAddresses();
    boolean reachedFromOutside = port.getNodePort() > 0 || !external.isEmpty();
    String local = chain("local", port);
    if (onlyLocal || (externalLocal && reachedFromOutside)) {
      spread(local, port, endpoints.local());
    }
    List<Target> inside = onlyLocal ? endpoints.local() : endpoints.usable();
    if (!inside.isEmpty()) {
      for (String address : addresses) {
        element(
            BaseRules.SERVICE_ADDRESSES, key(port, address), "goto " + (onlyLocal ? local : all));
      }
    }
    if (reachedFromOutside) {
      external(port, endpoints, external, externalLocal);
    }
  }

  private void external(
      ServicePort port, ServiceEndpoints endpoints, Set<String> addresses, boolean onlyLocal) {
    String entry = chain("external", port);
    String all = chain("service", port);
    if (endpoints.usable().isEmpty() || (onlyLocal && endpoints.local().isEmpty())) {
      // Nobody answers: say so at once. With endpoints elsewhere, a load balancer should try those
      // nodes, and callers in the cluster get there all the same.
      closed(port, addresses, endpoints.usable().isEmpty() ? "goto " + BaseRules.REJECT : "drop");
    }
    if (endpoints.usable().isEmpty()) {
      return;
    }
    if (onlyLocal) {
      List<String> steps = new ArrayList<>();
      steps.add("ip saddr %s goto %s".formatted(node.cluster(), all));
      steps.add("fib saddr type local jump " + BaseRules.MASQUERADE);
      steps.add("fib saddr type local goto " + all);
      if (!endpoints.local().isEmpty()) {
        steps.add("goto " + chain("local", port));
      }
      rules.chain(entry, steps);
    } else {
      rules.chain(entry, "jump " + BaseRules.MASQUERADE, "goto " + all);
    }
    for (String address : addresses) {
      element(BaseRules.SERVICE_ADDRESSES, key(port, address), "goto " + guarded(port, entry));
    }
    if (port.getNodePort() > 0) {
      element(BaseRules.NODE_PORTS, nodePort(port), "goto " + entry);
    }
  }

  /// A load balancer's address may be open to some callers only.
  private String guarded(ServicePort port, String entry) {
    List<String> ranges =
        spec.getLoadBalancerSourceRangesList().stream()
            .map(String::strip)
            .filter(range -> IPV4_RANGE.matcher(range).matches())
            .toList();
    if (ranges.isEmpty() || !spec.getType().equals("LoadBalancer")) {
      return entry;
    }
    String guard = chain("guard", port);
    rules.chain(
        guard, "ip saddr { %s } goto %s".formatted(String.join(", ", ranges), entry), "drop");
    return guard;
  }

  private void closed(ServicePort port, Set<String> addresses, String verdict) {
    for (String address : addresses) {
      element(BaseRules.CLOSED_ADDRESSES, key(port, address), verdict);
    }
    if (port.getNodePort() > 0) {
      element(BaseRules.CLOSED_PORTS, nodePort(port), verdict);
    }
  }

  private Set<String> externalAddresses() {
    Set<String> addresses = new LinkedHashSet<>(spec.getExternalIPsList());
    if (spec.getType().equals("LoadBalancer")) {
      service.getStatus().getLoadBalancer().getIngressList().stream()
          // A balancer that hands connections on itself must not be passed by.
          .filter(ingress -> !ingress.getIpMode().equals("Proxy"))
          .map(LoadBalancerIngress::getIp)
          .forEach(addresses::add);
    }
    addresses.removeIf(address -> !IPV4.matcher(address).matches());
    return addresses;
  }

  private void spread(String chain, ServicePort port, List<Target> targets) {
    String protocol = Protocols.nft(port.getProtocol());
    List<String> steps = new ArrayList<>();
    if (spec.getSessionAffinity().equals("ClientIP") && !targets.isEmpty()) {
      steps.addAll(sticky(port, protocol, targets));
    } else if (targets.size() == 1) {
      steps.add("meta l4proto %s dnat ip to %s".formatted(protocol, literal(targets.getFirst())));
    } else if (!targets.isEmpty()) {
      List<String> numbered = new ArrayList<>();
      for (int i = 0; i < targets.size(); i++) {
        numbered.add("%d : %s".formatted(i, targets.get(i)));
      }
      steps.add(
          "meta l4proto %s dnat ip addr . port to numgen random mod %d map { %s }"
              .formatted(protocol, targets.size(), String.join(", ", numbered)));
      steps.add(otherwise(protocol, targets));
    }
    rules.chain(chain, steps);
  }

  /// For a packet that is in this chain at the moment when the chain is replaced: the kernel
  /// empties the map of a rule that goes before the last packet has left the rule, and whoever
  /// finds nothing in it would be refused.
  private static String otherwise(String protocol, List<Target> targets) {
    return "meta l4proto %s dnat ip to %s".formatted(protocol, literal(targets.getFirst()));
  }

  /// Who called an endpoint lately goes there again; others are spread and remembered.
  private List<String> sticky(ServicePort port, String protocol, List<Target> targets) {
    int configured = spec.getSessionAffinityConfig().getClientIP().getTimeoutSeconds();
    int seconds = configured > 0 ? configured : DEFAULT_AFFINITY_SECONDS;
    List<String> steps = new ArrayList<>();
    List<String> numbered = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      Target target = targets.get(i);
      String suffix = "/%s/%d".formatted(target.address(), target.port());
      String endpoint = chain("endpoint", port) + suffix;
      // The time is in the name: a set cannot change its own.
      String clients = chain("affinity", port) + suffix + "/" + seconds;
      rules
          .sets()
          .put(
              clients,
              Elements.dynamic(
                  "type ipv4_addr; flags dynamic,timeout; timeout %ds;".formatted(seconds)));
      rules.chain(
          endpoint,
          "update @%s { ip saddr }".formatted(clients),
          "meta l4proto %s dnat ip to %s".formatted(protocol, literal(target)));
      steps.add("ip saddr @%s goto %s".formatted(clients, endpoint));
      numbered.add("%d : goto %s".formatted(i, endpoint));
    }
    steps.add(
        "numgen random mod %d vmap { %s }".formatted(targets.size(), String.join(", ", numbered)));
    steps.add(otherwise(protocol, targets));
    return steps;
  }

  private static String literal(Target target) {
    return target.address() + ":" + target.port();
  }

  private void element(String map, String key, String value) {
    rules
        .sets()
        .computeIfAbsent(map, name -> new Elements(true, "", new TreeMap<>(), false))
        .elements()
        .put(key, value);
  }

  private static String key(ServicePort port, String address) {
    return "%s . %s . %d".formatted(Protocols.nft(port.getProtocol()), address, port.getPort());
  }

  private static String nodePort(ServicePort port) {
    return "%s . %d".formatted(Protocols.nft(port.getProtocol()), port.getNodePort());
  }

  private String chain(String kind, ServicePort port) {
    return "%s/%s/%s/%s/%d"
        .formatted(
            kind,
            service.getMetadata().getNamespace(),
            service.getMetadata().getName(),
            Protocols.nft(port.getProtocol()),
            port.getPort());
  }
}
