package io.coxswain.controlplane.controller.garbage;

import io.coxswain.api.meta.v1.OwnerReference;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Who owns what, by uid. Holds only objects that have owners or are owners, are to go, or may
/// become either: all that are watched. Safe for use by many threads.
final class OwnerGraph {

  private final Map<String, GraphNode> nodes = new HashMap<>();
  private final Map<String, Set<String>> dependents = new HashMap<>();

  synchronized void put(GraphNode node) {
    remove(node.uid());
    nodes.put(node.uid(), node);
    for (OwnerReference owner : node.owners()) {
      dependents.computeIfAbsent(owner.getUid(), uid -> new LinkedHashSet<>()).add(node.uid());
    }
  }

  synchronized void remove(String uid) {
    GraphNode before = nodes.remove(uid);
    if (before == null) {
      return;
    }
    for (OwnerReference owner : before.owners()) {
      Set<String> owned = dependents.get(owner.getUid());
      if (owned != null && owned.remove(uid) && owned.isEmpty()) {
        dependents.remove(owner.getUid());
      }
    }
  }

  synchronized Optional<GraphNode> find(String uid) {
    return Optional.ofNullable(nodes.get(uid));
  }

  synchronized List<GraphNode> dependents(String uid) {
    return dependents.getOrDefault(uid, Set.of()).stream()
        .map(nodes::get)
        .filter(java.util.Objects::nonNull)
        .toList();
  }

  /// Whether an object that is to go waits for the one of this uid to go first, itself or by a
  /// chain of objects that wait for each other.
  synchronized boolean awaits(GraphNode waiting, String uid) {
    Set<String> seen = new HashSet<>();
    Deque<GraphNode> left = new ArrayDeque<>(List.of(waiting));
    while (!left.isEmpty()) {
      GraphNode node = left.pop();
      if (!node.waitsForDependents() || !seen.add(node.uid())) {
        continue;
      }
      for (GraphNode dependent : dependents(node.uid())) {
        if (dependent.blocks(node.uid())) {
          if (dependent.uid().equals(uid)) {
            return true;
          }
          left.push(dependent);
        }
      }
    }
    return false;
  }

  /// Uids of everything that someone may have to decide about.
  synchronized List<String> interesting() {
    return nodes.values().stream()
        .filter(node -> !node.owners().isEmpty() || node.deleting())
        .map(GraphNode::uid)
        .toList();
  }
}
