package io.coxswain.node.device;

import io.coxswain.plugin.device.ContainerAllocateResponse;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Devices of one resource that a container has.
///
/// @param devices ids by the memory node (NUMA) that they are near; -1 for those that said nothing
/// @param response what the plugin said the container gets for them
record DeviceGrant(Map<Long, List<String>> devices, ContainerAllocateResponse response) {

  static final long NOWHERE = -1;

  DeviceGrant {
    devices = Map.copyOf(devices);
  }

  Set<String> ids() {
    Set<String> ids = new LinkedHashSet<>();
    new TreeMap<>(devices).values().forEach(ids::addAll);
    return ids;
  }
}
