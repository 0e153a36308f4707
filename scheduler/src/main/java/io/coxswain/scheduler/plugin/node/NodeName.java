package io.coxswain.scheduler.plugin.node;

import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.framework.FilterPlugin;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A pod that names its node goes nowhere else.
public final class NodeName implements FilterPlugin {

  private static final List<String> OBJECTION =
      List.of("node(s) didn't match the requested node name");

  @Override
  public String name() {
    return "NodeName";
  }

  @Override
  public Optional<NodeFilter> filter(PodInfo pod, Snapshot snapshot) {
    String wanted = pod.pod().getSpec().getNodeName();
    return wanted.isEmpty()
        ? Optional.empty()
        : Optional.of(node -> node.name().equals(wanted) ? List.of() : OBJECTION);
  }

  @Override
  public Set<ClusterEvent> remedies() {
    return Set.of(ClusterEvent.NODE_ADDED);
  }
}
