package io.coxswain.scheduler.plugin.node;

import io.coxswain.api.core.v1.Taint;
import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.framework.FilterPlugin;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A cordoned node takes no pods, but those that tolerate being there.
public final class NodeUnschedulable implements FilterPlugin {

  private static final List<String> OBJECTION = List.of("node(s) were unschedulable");
  private static final Taint CORDONED =
      Taint.newBuilder().setKey("node.kubernetes.io/unschedulable").setEffect("NoSchedule").build();

  @Override
  public String name() {
    return "NodeUnschedulable";
  }

  @Override
  public Optional<NodeFilter> filter(PodInfo pod, Snapshot snapshot) {
    return Tolerations.tolerate(pod.pod().getSpec().getTolerationsList(), CORDONED)
        ? Optional.empty()
        : Optional.of(node -> node.node().getSpec().getUnschedulable() ? OBJECTION : List.of());
  }

  @Override
  public Set<ClusterEvent> remedies() {
    return Set.of(ClusterEvent.NODE_ADDED, ClusterEvent.NODE_TAINTS, ClusterEvent.OWN_CHANGE);
  }
}
