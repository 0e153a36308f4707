package io.coxswain.controlplane.controller.endpoint;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.discovery.v1.EndpointSlice;
import java.util.List;
import java.util.Map;

/// What a Service's endpoints depend on.
///
/// @param pods that its selector matches, that have an address and have not ended; by name
/// @param slices that this controller made for it
/// @param zones of nodes, by name; a node without one is not there
record ServiceSnapshot(
    Service service, List<Pod> pods, List<EndpointSlice> slices, Map<String, String> zones) {

  ServiceSnapshot {
    pods = List.copyOf(pods);
    slices = List.copyOf(slices);
    zones = Map.copyOf(zones);
  }
}
