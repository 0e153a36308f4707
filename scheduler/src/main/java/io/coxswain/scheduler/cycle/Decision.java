package io.coxswain.scheduler.cycle;

import io.coxswain.scheduler.framework.ClusterEvent;
import java.util.Set;

/// Where a pod goes.
public sealed interface Decision {

  /// @param feasible nodes that would have done
  record Place(String node, int feasible) implements Decision {}

  /// @param message for a person: of how many nodes, how many were turned down for what
  /// @param remedies changes after which it is worth another look
  record Unschedulable(String message, Set<ClusterEvent> remedies) implements Decision {
    public Unschedulable {
      remedies = Set.copyOf(remedies);
    }
  }
}
