package io.coxswain.scheduler.plugin.resources;

import io.coxswain.scheduler.framework.ScorePlugin;
import io.coxswain.scheduler.snapshot.Amounts;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.Optional;

/// The emptier the node after the pod is on it, the better; cpu and memory count the same.
public final class LeastAllocated implements ScorePlugin {

  @Override
  public String name() {
    return "NodeResourcesLeastAllocated";
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
      double cpu = Shares.free(used.milliCpu(), node.allocatable().milliCpu());
      double memory = Shares.free(used.memory(), node.allocatable().memory());
      scores[i] = BEST * (cpu + memory) / 2;
    }
    return Optional.of(scores);
  }
}
