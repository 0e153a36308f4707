package io.coxswain.controlplane.server;

import java.util.Collection;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// What nodes say that they and their pods use.
public interface NodeStatistics {

  /// Asks many nodes at once. Blocks until all have answered, or for a few seconds.
  ///
  /// @return by node, in the form of the kubelet's statistics summary; a node that does not answer
  ///   in time is missing
  Map<String, JsonNode> summaries(Collection<String> nodes) throws InterruptedException;
}
