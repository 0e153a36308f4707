package io.coxswain.scheduler.plugin.ports;

import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.framework.FilterPlugin;
import io.coxswain.scheduler.snapshot.HostPort;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// No two pods take the same port of a node.
public final class NodePorts implements FilterPlugin {

  private static final List<String> OBJECTION =
      List.of("node(s) didn't have free ports for the requested pod ports");

  @Override
  public String name() {
    return "NodePorts";
  }

  @Override
  public Optional<NodeFilter> filter(PodInfo pod, Snapshot snapshot) {
    return pod.hostPorts().isEmpty()
        ? Optional.empty()
        : Optional.of(node -> free(node, pod.hostPorts()) ? List.of() : OBJECTION);
  }

  @Override
  public Set<ClusterEvent> remedies() {
    return Set.of(ClusterEvent.NODE_ADDED, ClusterEvent.POD_GONE);
  }

  private static boolean free(NodeInfo node, List<HostPort> wanted) {
    for (HostPort used : node.usedPorts()) {
      for (HostPort port : wanted) {
        if (port.conflictsWith(used)) {
          return false;
        }
      }
    }
    return true;
  }
}
