package io.coxswain.controlplane.controller.endpoint;

import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.discovery.v1.Endpoint;
import io.coxswain.api.discovery.v1.EndpointConditions;
import io.coxswain.api.discovery.v1.EndpointPort;
import io.coxswain.controlplane.controller.framework.PodFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The endpoints that a Service should have, by where they can be packed together.
final class DesiredEndpoints {

  /// Endpoints of one slice share these.
  ///
  /// @param ports in the order of the Service
  record Group(String family, List<EndpointPort> ports) {}

  private DesiredEndpoints() {}

  /// Each group's endpoints in the order of the pods' names.
  static Map<Group, List<Endpoint>> of(ServiceSnapshot snapshot) {
    Service service = snapshot.service();
    Map<Group, List<Endpoint>> groups = new LinkedHashMap<>();
    for (String family : Families.of(service)) {
      boolean none = true;
      for (Pod pod : snapshot.pods()) {
        List<String> addresses = Families.addresses(pod, family);
        if (!addresses.isEmpty()) {
          none = false;
          groups
              .computeIfAbsent(
                  new Group(family, TargetPorts.of(service, pod)), g -> new ArrayList<>())
              .add(endpoint(snapshot, pod, addresses));
        }
      }
      if (none) {
        // One empty slice says that there is nobody, as opposed to: not known yet.
        groups.put(new Group(family, List.of()), List.of());
      }
    }
    return groups;
  }

  private static Endpoint endpoint(ServiceSnapshot snapshot, Pod pod, List<String> addresses) {
    Service service = snapshot.service();
    boolean serving = PodFacts.isReady(pod);
    boolean terminating = PodFacts.isTerminating(pod);
    boolean ready = service.getSpec().getPublishNotReadyAddresses() || (serving && !terminating);
    Endpoint.Builder endpoint =
        Endpoint.newBuilder()
            .addAllAddresses(addresses)
            .setConditions(
                EndpointConditions.newBuilder()
                    .setReady(ready)
                    .setServing(serving)
                    .setTerminating(terminating))
            .setTargetRef(reference(pod));
    String node = pod.getSpec().getNodeName();
    if (!node.isEmpty()) {
      endpoint.setNodeName(node);
    }
    String zone = snapshot.zones().getOrDefault(node, "");
    if (!zone.isEmpty()) {
      endpoint.setZone(zone);
    }
    if (hasOwnName(service, pod)) {
      endpoint.setHostname(pod.getSpec().getHostname());
    }
    return endpoint.build();
  }

  static ObjectReference reference(Pod pod) {
    return ObjectReference.newBuilder()
        .setKind("Pod")
        .setNamespace(pod.getMetadata().getNamespace())
        .setName(pod.getMetadata().getName())
        .setUid(pod.getMetadata().getUid())
        .build();
  }

  /// Whether the pod has a DNS name of its own under the Service.
  static boolean hasOwnName(Service service, Pod pod) {
    return !pod.getSpec().getHostname().isEmpty()
        && pod.getSpec().getSubdomain().equals(service.getMetadata().getName());
  }
}
