package io.coxswain.scheduler.plugin.affinity;

import io.coxswain.scheduler.snapshot.NodeInfo;
import java.util.HashMap;
import java.util.Map;

/// Sums kept for each value of each topology label: for zone a, zone b, this host, that host.
final class Domains {

  private final Map<String, Map<String, Long>> sums = new HashMap<>();

  /// A node without the label is in no domain.
  void add(String topologyKey, NodeInfo node, long amount) {
    String value = node.labels().get(topologyKey);
    if (value != null) {
      sums.computeIfAbsent(topologyKey, key -> new HashMap<>()).merge(value, amount, Long::sum);
    }
  }

  long at(String topologyKey, NodeInfo node) {
    String value = node.labels().get(topologyKey);
    return value == null ? 0 : sums.getOrDefault(topologyKey, Map.of()).getOrDefault(value, 0L);
  }

  /// Over all topology labels.
  long total(NodeInfo node) {
    long total = 0;
    for (String topologyKey : sums.keySet()) {
      total += at(topologyKey, node);
    }
    return total;
  }

  boolean isEmpty() {
    return sums.isEmpty();
  }
}
