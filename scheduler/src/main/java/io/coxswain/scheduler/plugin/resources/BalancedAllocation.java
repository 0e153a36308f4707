package io.coxswain.scheduler.plugin.resources;

import io.coxswain.scheduler.framework.ScorePlugin;
import io.coxswain.scheduler.snapshot.Amounts;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.Optional;

/// A node whose cpu and memory are used to the same degree wastes neither.
public final class BalancedAllocation implements ScorePlugin {

  @Override
  public String name() {
    return "NodeResourcesBalancedAllocation";
  }

  @Override
  public int weight() {
    return 1;
  }

  @Override
  public Optional<double[]> scores(PodInfo pod, Snapshot snapshot, List<NodeInfo> nodes) {
    double[] scores = new double[nodes.size()];
    for (int i = 0; i < scores.length; i++) {
      NodeInfo node = nodes.get(i);
      Amounts used = node.assumedUse().plus(pod.assumedUse());
      double cpu = Shares.used(used.milliCpu(), node.allocatable().milliCpu());
      double memory = Shares.used(used.memory(), node.allocatable().memory());
      // The standard deviation of two shares is half their distance.
      scores[i] = BEST * (1 - Math.abs(cpu - memory) / 2);
    }
    return Optional.of(scores);
  }
}
