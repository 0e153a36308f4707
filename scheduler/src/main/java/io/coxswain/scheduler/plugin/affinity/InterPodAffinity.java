package io.coxswain.scheduler.plugin.affinity;

import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.framework.FilterPlugin;
import io.coxswain.scheduler.framework.ScorePlugin;
import io.coxswain.scheduler.framework.Scores;
import io.coxswain.scheduler.snapshot.AffinityTerm;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Pods near to, or away from, other pods; both what the pod itself says and what pods say that are
/// there already.
public final class InterPodAffinity implements FilterPlugin, ScorePlugin {

  private static final List<String> NOT_NEAR = List.of("node(s) didn't match pod affinity rules");
  private static final List<String> NOT_AWAY =
      List.of("node(s) didn't match pod anti-affinity rules");
  private static final List<String> UNWELCOME =
      List.of("node(s) didn't satisfy existing pods anti-affinity rules");

  @Override
  public String name() {
    return "InterPodAffinity";
  }

  @Override
  public int weight() {
    return 2;
  }

  @Override
  public Optional<NodeFilter> filter(PodInfo pod, Snapshot snapshot) {
    if (pod.near().isEmpty() && pod.away().isEmpty() && !snapshot.anyAffinity()) {
      return Optional.empty();
    }
    Domains unwelcome = new Domains();
    Domains near = new Domains();
    Domains away = new Domains();
    for (NodeInfo node : snapshot.nodes()) {
      for (PodInfo other : node.podsWithAffinity()) {
        for (AffinityTerm term : other.away()) {
          if (term.takes(pod, snapshot)) {
            unwelcome.add(term.topologyKey(), node, 1);
          }
        }
      }
      if (pod.near().isEmpty() && pod.away().isEmpty()) {
        continue;
      }
      for (PodInfo other : node.pods()) {
        if (!pod.near().isEmpty() && takesAll(pod.near(), other, snapshot)) {
          pod.near().forEach(term -> near.add(term.topologyKey(), node, 1));
        }
        for (AffinityTerm term : pod.away()) {
          if (term.takes(other, snapshot)) {
            away.add(term.topologyKey(), node, 1);
          }
        }
      }
    }
    // The first of a group that wants to be near itself has to begin somewhere.
    boolean first = near.isEmpty() && takesAll(pod.near(), pod, snapshot);
    return Optional.of(node -> objections(pod, node, unwelcome, near, away, first));
  }

  @Override
  public Optional<double[]> scores(PodInfo pod, Snapshot snapshot, List<NodeInfo> nodes) {
    boolean cares = !pod.preferablyNear().isEmpty() || !pod.preferablyAway().isEmpty();
    if (!cares && !snapshot.anyAffinity()) {
      return Optional.empty();
    }
    Domains wishes = new Domains();
    for (NodeInfo node : snapshot.nodes()) {
      for (PodInfo other : cares ? node.pods() : node.podsWithAffinity()) {
        add(wishes, pod.preferablyNear(), other, node, snapshot, 1);
        add(wishes, pod.preferablyAway(), other, node, snapshot, -1);
        add(wishes, other.preferablyNear(), pod, node, snapshot, 1);
        add(wishes, other.preferablyAway(), pod, node, snapshot, -1);
        // A pod that must be near such pods is glad of one more beside it.
        for (AffinityTerm term : other.near()) {
          if (term.takes(pod, snapshot)) {
            wishes.add(term.topologyKey(), node, 1);
          }
        }
      }
    }
    if (wishes.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(Scores.stretched(nodes.stream().mapToDouble(wishes::total).toArray()));
  }

  @Override
  public Set<ClusterEvent> remedies() {
    return Set.of(
        ClusterEvent.NODE_ADDED,
        ClusterEvent.NODE_LABELS,
        ClusterEvent.POD_ASSIGNED,
        ClusterEvent.POD_GONE,
        ClusterEvent.POD_LABELS,
        ClusterEvent.NAMESPACE_LABELS,
        ClusterEvent.OWN_CHANGE);
  }

  private static List<String> objections(
      PodInfo pod, NodeInfo node, Domains unwelcome, Domains near, Domains away, boolean first) {
    for (AffinityTerm term : pod.near()) {
      if (!node.labels().containsKey(term.topologyKey())
          || (!first && near.at(term.topologyKey(), node) == 0)) {
        return NOT_NEAR;
      }
    }
    for (AffinityTerm term : pod.away()) {
      if (away.at(term.topologyKey(), node) > 0) {
        return NOT_AWAY;
      }
    }
    return unwelcome.total(node) > 0 ? UNWELCOME : List.of();
  }

  private static boolean takesAll(List<AffinityTerm> terms, PodInfo other, Snapshot snapshot) {
    for (AffinityTerm term : terms) {
      if (!term.takes(other, snapshot)) {
        return false;
      }
    }
    return true;
  }

  private static void add(
      Domains wishes,
      List<AffinityTerm> terms,
      PodInfo about,
      NodeInfo node,
      Snapshot snapshot,
      int sign) {
    for (AffinityTerm term : terms) {
      if (term.takes(about, snapshot)) {
        wishes.add(term.topologyKey(), node, sign * (long) term.weight());
      }
    }
  }
}
