package io.coxswain.scheduler.plugin.resources;

import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.framework.FilterPlugin;
import io.coxswain.scheduler.snapshot.Amounts;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What pods on a node ask for together never exceeds what the node has. A pod that asks for
/// nothing of a resource fits also where too much of it was given away.
public final class NodeResourcesFit implements FilterPlugin {

  @Override
  public String name() {
    return "NodeResourcesFit";
  }

  @Override
  public Optional<NodeFilter> filter(PodInfo pod, Snapshot snapshot) {
    return Optional.of(node -> objections(pod.requests(), node));
  }

  @Override
  public Set<ClusterEvent> remedies() {
    return Set.of(
        ClusterEvent.NODE_ADDED,
        ClusterEvent.NODE_CAPACITY,
        ClusterEvent.POD_GONE,
        ClusterEvent.POD_SHRUNK);
  }

  private static List<String> objections(Amounts asked, NodeInfo node) {
    Amounts has = node.allocatable();
    Amounts used = node.requested();
    List<String> objections = List.of();
    if (node.pods().size() + 1 > node.allowedPods()) {
      objections = add(objections, "Too many pods");
    }
    if (lacks(asked.milliCpu(), has.milliCpu(), used.milliCpu())) {
      objections = add(objections, "Insufficient cpu");
    }
    if (lacks(asked.memory(), has.memory(), used.memory())) {
      objections = add(objections, "Insufficient memory");
    }
    if (lacks(asked.storage(), has.storage(), used.storage())) {
      objections = add(objections, "Insufficient ephemeral-storage");
    }
    if (!asked.extended().isEmpty()) {
      for (String resource : new TreeSet<>(asked.extended().keySet())) {
        if (lacks(asked.extended(resource), has.extended(resource), used.extended(resource))) {
          objections = add(objections, "Insufficient " + resource);
        }
      }
    }
    return objections;
  }

  private static boolean lacks(long asked, long has, long used) {
    return asked > 0 && asked > has - used;
  }

  private static List<String> add(List<String> objections, String objection) {
    List<String> more = new ArrayList<>(objections);
    more.add(objection);
    return more;
  }
}
