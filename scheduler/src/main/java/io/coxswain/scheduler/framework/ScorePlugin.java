package io.coxswain.scheduler.framework;

import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.Optional;

/// Says where a pod would rather go, among nodes where it can. Pure.
public interface ScorePlugin extends Plugin {

  /// The best score.
  double BEST = 100;

  /// How much it counts beside the others.
  int weight();

  /// A score from 0 to [#BEST] for each node, in their order.
  ///
  /// @return nothing when the rule does not care about this pod
  Optional<double[]> scores(PodInfo pod, Snapshot snapshot, List<NodeInfo> nodes);
}
