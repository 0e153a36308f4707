package io.coxswain.controlplane.controller.endpoint;

import io.coxswain.api.core.v1.EndpointAddress;
import io.coxswain.api.core.v1.EndpointSubset;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.discovery.v1.EndpointPort;
import io.coxswain.controlplane.controller.framework.PodFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The older form of a Service's endpoints: ready and not ready addresses by the ports they share.
/// Pods asked to end are left out, and what is above the limit is: slices have no limit.
final class DesiredSubsets {

  private static final int MOST_ADDRESSES = 1000;

  private DesiredSubsets() {}

  static List<EndpointSubset> of(ServiceSnapshot snapshot) {
    Service service = snapshot.service();
    boolean publish = service.getSpec().getPublishNotReadyAddresses();
    String family = Families.of(service).getFirst();
    Map<List<EndpointPort>, EndpointSubset.Builder> subsets = new LinkedHashMap<>();
    List<Pod> pods =
        snapshot.pods().stream()
            .filter(pod -> publish || !PodFacts.isTerminating(pod))
            .filter(pod -> !Families.addresses(pod, family).isEmpty())
            .limit(MOST_ADDRESSES)
            .toList();
    for (Pod pod : pods) {
      List<EndpointPort> ports = TargetPorts.of(service, pod);
      EndpointSubset.Builder subset =
          subsets.computeIfAbsent(ports, p -> EndpointSubset.newBuilder().addAllPorts(older(p)));
      EndpointAddress address = address(service, pod, Families.addresses(pod, family).getFirst());
      if (publish || PodFacts.isReady(pod)) {
        subset.addAddresses(address);
      } else {
        subset.addNotReadyAddresses(address);
      }
    }
    List<EndpointSubset> built = new ArrayList<>();
    subsets.values().forEach(subset -> built.add(subset.build()));
    return built;
  }

  private static EndpointAddress address(Service service, Pod pod, String ip) {
    EndpointAddress.Builder address =
        EndpointAddress.newBuilder().setIp(ip).setTargetRef(DesiredEndpoints.reference(pod));
    if (!pod.getSpec().getNodeName().isEmpty()) {
      address.setNodeName(pod.getSpec().getNodeName());
    }
    if (DesiredEndpoints.hasOwnName(service, pod)) {
      address.setHostname(pod.getSpec().getHostname());
    }
    return address.build();
  }

  private static List<io.coxswain.api.core.v1.EndpointPort> older(List<EndpointPort> ports) {
    List<io.coxswain.api.core.v1.EndpointPort> older = new ArrayList<>();
    for (EndpointPort port : ports) {
      var built =
          io.coxswain.api.core.v1.EndpointPort.newBuilder()
              .setPort(port.getPort())
              .setProtocol(port.getProtocol());
      if (!port.getName().isEmpty()) {
        built.setName(port.getName());
      }
      if (!port.getAppProtocol().isEmpty()) {
        built.setAppProtocol(port.getAppProtocol());
      }
      older.add(built.build());
    }
    return older;
  }
}
