package io.coxswain.node.status;

import io.coxswain.api.core.v1.NodeStatus;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.device.DeviceCount;
import io.coxswain.node.device.ResourceNames;
import java.util.Map;

/// Resources of a node beside Kubernetes' own: what device plugins tell of, and what people wrote
/// into its capacity, which is theirs. Pure.
final class ExtendedResources {

  private ExtendedResources() {}

  /// @param status as the agent makes it
  /// @param before as the API has it
  static NodeStatus told(NodeStatus status, NodeStatus before, Map<String, DeviceCount> devices) {
    NodeStatus.Builder told = status.toBuilder();
    before
        .getCapacityMap()
        .forEach((resource, amount) -> {
          if (ResourceNames.isExtended(resource)) {
            put(told, resource, amount, amount);
          }
        });
    devices.forEach((resource, count) ->
        put(told, resource, Quantities.ofCount(count.all()), Quantities.ofCount(count.healthy())));
    return told.build();
  }

  private static void put(NodeStatus.Builder status, String name, Quantity all, Quantity free) {
    status.putCapacity(name, all).putAllocatable(name, free);
  }
}
