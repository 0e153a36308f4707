package io.coxswain.scheduler.framework;

/// A change that may let a pod fit that did not before.
public enum ClusterEvent {
  NODE_ADDED,
  NODE_CAPACITY,
  NODE_LABELS,
  /// Taints, or whether it takes pods at all.
  NODE_TAINTS,
  /// A pod took its place on a node.
  POD_ASSIGNED,
  /// A pod left its place.
  POD_GONE,
  /// A pod takes less of its node than it did.
  POD_SHRUNK,
  /// A placed pod's labels changed.
  POD_LABELS,
  NAMESPACE_LABELS,
  /// A claim, a volume or a class of storage.
  STORAGE,
  /// The pod itself was changed.
  OWN_CHANGE
}
