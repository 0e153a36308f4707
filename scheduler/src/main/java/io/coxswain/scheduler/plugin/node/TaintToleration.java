package io.coxswain.scheduler.plugin.node;

import io.coxswain.api.core.v1.Taint;
import io.coxswain.api.core.v1.Toleration;
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

/// A node's taints keep pods away that do not tolerate them; of those that only ask (effect
/// PreferNoSchedule) the fewer the better.
public final class TaintToleration implements FilterPlugin, ScorePlugin {

  @Override
  public String name() {
    return "TaintToleration";
  }

  @Override
  public int weight() {
    return 3;
  }

  @Override
  public Optional<NodeFilter> filter(PodInfo pod, Snapshot snapshot) {
    List<Toleration> tolerations = pod.pod().getSpec().getTolerationsList();
    return Optional.of(node -> objections(node, tolerations));
  }

  @Override
  public Optional<double[]> scores(PodInfo pod, Snapshot snapshot, List<NodeInfo> nodes) {
    List<Toleration> tolerations =
        pod.pod().getSpec().getTolerationsList().stream()
            .filter(t -> t.getEffect().isEmpty() || t.getEffect().equals("PreferNoSchedule"))
            .toList();
    double[] disliked = new double[nodes.size()];
    boolean any = false;
    for (int i = 0; i < disliked.length; i++) {
      for (Taint taint : nodes.get(i).taints()) {
        if (taint.getEffect().equals("PreferNoSchedule")
            && !Tolerations.tolerate(tolerations, taint)) {
          disliked[i]++;
          any = true;
        }
      }
    }
    return any ? Optional.of(Scores.fewerIsBetter(disliked)) : Optional.empty();
  }

  @Override
  public Set<ClusterEvent> remedies() {
    return Set.of(ClusterEvent.NODE_ADDED, ClusterEvent.NODE_TAINTS, ClusterEvent.OWN_CHANGE);
  }

  private static List<String> objections(NodeInfo node, List<Toleration> tolerations) {
    for (Taint taint : node.taints()) {
      boolean keepsAway =
          taint.getEffect().equals("NoSchedule") || taint.getEffect().equals("NoExecute");
      if (keepsAway && !Tolerations.tolerate(tolerations, taint)) {
        return List.of(
            "node(s) had untolerated taint {" + taint.getKey() + ": " + taint.getValue() + "}");
      }
    }
    return List.of();
  }
}
