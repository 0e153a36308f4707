package io.coxswain.scheduler.framework;

import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Says where a pod cannot go. Pure.
public interface FilterPlugin extends Plugin {

  /// One pod's question to each node.
  @FunctionalInterface
  interface NodeFilter {

    /// Why the node will not do, in words that read well after a number of nodes; empty when it
    /// will.
    List<String> objections(NodeInfo node);
  }

  /// Why the pod cannot go anywhere, whichever nodes there are; nothing when nodes are to be asked.
  default Optional<String> rejection(PodInfo pod, Snapshot snapshot) {
    return Optional.empty();
  }

  /// Works out once what does not depend on the node.
  ///
  /// @return nothing when the rule has nothing to say about this pod
  Optional<NodeFilter> filter(PodInfo pod, Snapshot snapshot);

  /// Changes after which a pod that this rule turned away may fit.
  Set<ClusterEvent> remedies();
}
