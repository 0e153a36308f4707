package io.coxswain.scheduler.plugin.spread;

import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.framework.FilterPlugin;
import io.coxswain.scheduler.framework.ScorePlugin;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Pods spread over domains (KEP-895): the fullest may hold at most `maxSkew` more than the
/// emptiest where the pod insists, and emptier ones are better where it does not.
public final class PodTopologySpread implements FilterPlugin, ScorePlugin {

  private static final List<String> TOO_FULL =
      List.of("node(s) didn't match pod topology spread constraints");
  private static final List<String> NO_LABEL =
      List.of("node(s) didn't match pod topology spread constraints (missing required label)");

  private record Counted(Constraint constraint, Map<String, Integer> byDomain, int emptiest) {}

  @Override
  public String name() {
    return "PodTopologySpread";
  }

  @Override
  public int weight() {
    return 2;
  }

  @Override
  public Optional<NodeFilter> filter(PodInfo pod, Snapshot snapshot) {
    List<Constraint> musts = Constraint.of(pod).stream().filter(Constraint::must).toList();
    if (musts.isEmpty()) {
      return Optional.empty();
    }
    Set<String> keys = new HashSet<>();
    musts.forEach(constraint -> keys.add(constraint.topologyKey()));
    List<Counted> counted =
        musts.stream().map(constraint -> count(constraint, keys, pod, snapshot)).toList();
    return Optional.of(node -> objections(pod, node, counted));
  }

  @Override
  public Optional<double[]> scores(PodInfo pod, Snapshot snapshot, List<NodeInfo> nodes) {
    boolean own = pod.pod().getSpec().getTopologySpreadConstraintsCount() > 0;
    List<Constraint> wishes =
        own
            ? Constraint.of(pod).stream().filter(constraint -> !constraint.must()).toList()
            : Constraint.byDefault(pod, snapshot);
    if (wishes.isEmpty()) {
      return Optional.empty();
    }
    double[] loads = new double[nodes.size()];
    boolean[] outside = new boolean[nodes.size()];
    boolean any = false;
    for (Constraint wish : wishes) {
      Map<String, Integer> byDomain =
          count(wish, Set.of(wish.topologyKey()), pod, snapshot).byDomain;
      if (byDomain.isEmpty()) {
        continue;
      }
      // More domains make each count for more, so that hosts do not drown zones.
      double weight = Math.log(byDomain.size() + 2.0);
      for (int i = 0; i < loads.length; i++) {
        String domain = nodes.get(i).labels().get(wish.topologyKey());
        if (domain == null) {
          outside[i] |= own;
          continue;
        }
        int count = byDomain.getOrDefault(domain, 0);
        loads[i] += count * weight + (wish.maxSkew() - 1);
        any |= count > 0;
      }
    }
    return any ? Optional.of(scores(loads, outside)) : Optional.empty();
  }

  @Override
  public Set<ClusterEvent> remedies() {
    return Set.of(
        ClusterEvent.NODE_ADDED,
        ClusterEvent.NODE_LABELS,
        ClusterEvent.NODE_TAINTS,
        ClusterEvent.POD_ASSIGNED,
        ClusterEvent.POD_GONE,
        ClusterEvent.POD_LABELS,
        ClusterEvent.OWN_CHANGE);
  }

  // The fullest node gets nothing and an empty one the best; a node in no domain gets nothing.
  private static double[] scores(double[] loads, boolean[] outside) {
    double least = Double.MAX_VALUE;
    double most = 0;
    for (int i = 0; i < loads.length; i++) {
      if (!outside[i]) {
        least = Math.min(least, loads[i]);
        most = Math.max(most, loads[i]);
      }
    }
    double[] scores = new double[loads.length];
    for (int i = 0; i < loads.length; i++) {
      if (!outside[i]) {
        scores[i] = most == 0 ? BEST : BEST * (most + least - loads[i]) / most;
      }
    }
    return scores;
  }

  private static List<String> objections(PodInfo pod, NodeInfo node, List<Counted> all) {
    for (Counted counted : all) {
      Constraint constraint = counted.constraint;
      String domain = node.labels().get(constraint.topologyKey());
      if (domain == null) {
        return NO_LABEL;
      }
      int self = constraint.counted().test(pod) ? 1 : 0;
      int there = counted.byDomain.getOrDefault(domain, 0);
      if (there + self - counted.emptiest > constraint.maxSkew()) {
        return TOO_FULL;
      }
    }
    return List.of();
  }

  // Only nodes that have every label count: elsewhere the pod could not go anyway.
  private static Counted count(
      Constraint constraint, Set<String> keys, PodInfo pod, Snapshot snapshot) {
    Map<String, Integer> byDomain = new HashMap<>();
    for (NodeInfo node : snapshot.nodes()) {
      String domain = node.labels().get(constraint.topologyKey());
      if (domain != null
          && node.labels().keySet().containsAll(keys)
          && constraint.eligible().test(node)) {
        byDomain.merge(domain, constraint.count(node, pod.namespace()), Integer::sum);
      }
    }
    int emptiest =
        byDomain.isEmpty() || byDomain.size() < constraint.least()
            ? 0
            : Collections.min(byDomain.values());
    return new Counted(constraint, byDomain, emptiest);
  }
}
