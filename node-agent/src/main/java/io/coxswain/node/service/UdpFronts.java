package io.coxswain.node.service;

import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.node.service.Conntrack.Flow;
import io.coxswain.node.service.ServiceEndpoints.Target;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What UDP callers may call, and who may answer them. Pure.
///
/// @param addresses `10.96.0.7 . 53` → targets
/// @param nodePorts port of the node → targets
record UdpFronts(Map<String, Set<Target>> addresses, Map<Integer, Set<Target>> nodePorts) {

  static final UdpFronts NONE = new UdpFronts(Map.of(), Map.of());

  static UdpFronts of(Service service, Collection<EndpointSlice> slices, NodeFacts node) {
    Map<String, Set<Target>> addresses = new HashMap<>();
    Map<Integer, Set<Target>> nodePorts = new HashMap<>();
    for (ServicePort port : service.getSpec().getPortsList()) {
      if (!port.getProtocol().equals("UDP")) {
        continue;
      }
      ServiceEndpoints endpoints = ServiceEndpoints.of(port, slices, node.nodeName());
      Set<Target> targets = new HashSet<>(endpoints.usable());
      targets.addAll(endpoints.local());
      Set<String> called = new HashSet<>(service.getSpec().getClusterIPsList());
      called.add(service.getSpec().getClusterIP());
      called.addAll(service.getSpec().getExternalIPsList());
      service.getStatus().getLoadBalancer().getIngressList().forEach(in -> called.add(in.getIp()));
      called.remove(node.dnsService().getHostAddress());
      called.forEach(address -> addresses.put(address + " . " + port.getPort(), targets));
      if (port.getNodePort() > 0) {
        nodePorts.put(port.getNodePort(), targets);
      }
    }
    return new UdpFronts(addresses, nodePorts);
  }

  static UdpFronts join(Collection<UdpFronts> parts) {
    Map<String, Set<Target>> addresses = new HashMap<>();
    Map<Integer, Set<Target>> nodePorts = new HashMap<>();
    for (UdpFronts part : parts) {
      addresses.putAll(part.addresses);
      nodePorts.putAll(part.nodePorts);
    }
    return new UdpFronts(addresses, nodePorts);
  }

  /// Flows to a front of now or before, answered by one who is no target of it now.
  ///
  /// @param before the fronts of which flows may be left
  List<Flow> stale(UdpFronts before, Collection<Flow> flows) {
    return flows.stream().filter(flow -> isStale(before, flow)).toList();
  }

  private boolean isStale(UdpFronts before, Flow flow) {
    String front = flow.called().getHostAddress() + " . " + flow.calledPort();
    Target answering = new Target(flow.answering().getHostAddress(), flow.answeringPort());
    if (addresses.containsKey(front) || before.addresses.containsKey(front)) {
      return !addresses.getOrDefault(front, Set.of()).contains(answering);
    }
    if (nodePorts.containsKey(flow.calledPort())
        || before.nodePorts.containsKey(flow.calledPort())) {
      return !nodePorts.getOrDefault(flow.calledPort(), Set.of()).contains(answering);
    }
    return false;
  }
}
