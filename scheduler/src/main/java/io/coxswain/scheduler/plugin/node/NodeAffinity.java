package io.coxswain.scheduler.plugin.node;

import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.PreferredSchedulingTerm;
import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.framework.FilterPlugin;
import io.coxswain.scheduler.framework.ScorePlugin;
import io.coxswain.scheduler.framework.Scores;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Nodes by their labels: what a pod requires, and what it prefers.
public final class NodeAffinity implements FilterPlugin, ScorePlugin {

  private static final List<String> OBJECTION =
      List.of("node(s) didn't match Pod's node affinity/selector");

  @Override
  public String name() {
    return "NodeAffinity";
  }

  @Override
  public int weight() {
    return 2;
  }

  @Override
  public Optional<NodeFilter> filter(PodInfo pod, Snapshot snapshot) {
    PodSpec spec = pod.pod().getSpec();
    if (spec.getNodeSelectorCount() == 0
        && !spec.getAffinity()
            .getNodeAffinity()
            .hasRequiredDuringSchedulingIgnoredDuringExecution()) {
      return Optional.empty();
    }
    Predicate<NodeInfo> required = NodeSelection.required(spec);
    return Optional.of(node -> required.test(node) ? List.of() : OBJECTION);
  }

  @Override
  public Optional<double[]> scores(PodInfo pod, Snapshot snapshot, List<NodeInfo> nodes) {
    List<PreferredSchedulingTerm> terms =
        pod.pod()
            .getSpec()
            .getAffinity()
            .getNodeAffinity()
            .getPreferredDuringSchedulingIgnoredDuringExecutionList();
    if (terms.isEmpty()) {
      return Optional.empty();
    }
    double[] sums = new double[nodes.size()];
    for (PreferredSchedulingTerm term : terms) {
      Predicate<NodeInfo> preferred = NodeSelection.term(term.getPreference());
      for (int i = 0; i < sums.length; i++) {
        sums[i] += preferred.test(nodes.get(i)) ? term.getWeight() : 0;
      }
    }
    return Optional.of(Scores.moreIsBetter(sums));
  }

  @Override
  public Set<ClusterEvent> remedies() {
    return Set.of(ClusterEvent.NODE_ADDED, ClusterEvent.NODE_LABELS, ClusterEvent.OWN_CHANGE);
  }
}
