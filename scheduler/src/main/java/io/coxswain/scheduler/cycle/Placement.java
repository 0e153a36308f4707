package io.coxswain.scheduler.cycle;

import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.framework.FilterPlugin;
import io.coxswain.scheduler.framework.FilterPlugin.NodeFilter;
import io.coxswain.scheduler.framework.ScorePlugin;
import io.coxswain.scheduler.plugin.Plugins;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Decides. Pure: the same pod and snapshot give the same decision. Every node is looked at, which
/// costs microseconds a node.
public final class Placement {

  private record Rule(FilterPlugin plugin, NodeFilter filter) {}

  private final List<FilterPlugin> filters;
  private final List<ScorePlugin> scorers;

  public Placement(Plugins plugins) {
    this.filters = plugins.filters();
    this.scorers = plugins.scores();
  }

  public Decision decide(PodInfo pod, Snapshot snapshot) {
    if (snapshot.nodes().isEmpty()) {
      return new Decision.Unschedulable(
          "no nodes available to schedule pods", Set.of(ClusterEvent.NODE_ADDED));
    }
    for (FilterPlugin plugin : filters) {
      Optional<String> rejection = plugin.rejection(pod, snapshot);
      if (rejection.isPresent()) {
        return new Decision.Unschedulable(
            "0/%d nodes are available: %s.".formatted(snapshot.nodes().size(), rejection.get()),
            plugin.remedies());
      }
    }
    List<Rule> rules = new ArrayList<>();
    for (FilterPlugin plugin : filters) {
      plugin.filter(pod, snapshot).ifPresent(filter -> rules.add(new Rule(plugin, filter)));
    }
    List<NodeInfo> feasible = new ArrayList<>();
    Map<String, Integer> objections = new HashMap<>();
    Set<ClusterEvent> remedies = EnumSet.noneOf(ClusterEvent.class);
    for (NodeInfo node : snapshot.nodes()) {
      if (admits(rules, node, objections, remedies)) {
        feasible.add(node);
      }
    }
    if (feasible.isEmpty()) {
      return new Decision.Unschedulable(message(snapshot.nodes().size(), objections), remedies);
    }
    return new Decision.Place(best(pod, snapshot, feasible).name(), feasible.size());
  }

  private static boolean admits(
      List<Rule> rules,
      NodeInfo node,
      Map<String, Integer> objections,
      Set<ClusterEvent> remedies) {
    for (Rule rule : rules) {
      List<String> against = rule.filter.objections(node);
      if (!against.isEmpty()) {
        against.forEach(objection -> objections.merge(objection, 1, Integer::sum));
        remedies.addAll(rule.plugin.remedies());
        return false;
      }
    }
    return true;
  }

  private NodeInfo best(PodInfo pod, Snapshot snapshot, List<NodeInfo> feasible) {
    if (feasible.size() == 1) {
      return feasible.getFirst();
    }
    double[] totals = new double[feasible.size()];
    for (ScorePlugin scorer : scorers) {
      Optional<double[]> scores = scorer.scores(pod, snapshot, feasible);
      if (scores.isPresent()) {
        for (int i = 0; i < totals.length; i++) {
          totals[i] += scorer.weight() * scores.get()[i];
        }
      }
    }
    // Among equals the pod's own uid chooses, so that not all pods go to the first of equal nodes.
    NodeInfo best = feasible.getFirst();
    double most = -1;
    int luck = 0;
    for (int i = 0; i < totals.length; i++) {
      NodeInfo node = feasible.get(i);
      int nodeLuck = luck(pod, node);
      if (totals[i] > most || (totals[i] == most && nodeLuck > luck)) {
        best = node;
        most = totals[i];
        luck = nodeLuck;
      }
    }
    return best;
  }

  private static int luck(PodInfo pod, NodeInfo node) {
    int mixed = (pod.uid().hashCode() * 31 + node.name().hashCode()) * 0x9E3779B9;
    return mixed ^ (mixed >>> 15);
  }

  private static String message(int nodes, Map<String, Integer> objections) {
    return objections.entrySet().stream()
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .sorted()
        .collect(Collectors.joining(", ", "0/" + nodes + " nodes are available: ", "."));
  }
}
