package io.coxswain.controlplane.controller.garbage;

import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.client.DeletePolicy.Propagation;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// What to do about one object.
sealed interface GarbagePlan {

  /// Nothing, until something changes.
  record Keep() implements GarbagePlan {}

  /// All of its owners are gone or going.
  record Delete(Propagation propagation) implements GarbagePlan {}

  /// Some owners are there, these are not.
  record DropOwners(Set<String> uids) implements GarbagePlan {}

  /// It may go, for all that it owned is gone or was let go.
  record DropFinalizer(String finalizer) implements GarbagePlan {}

  /// It waits for what it owns: these must be looked at. Those that are going tell by themselves
  /// when they are gone; to look at each other in turn, they would never come to rest.
  record AwaitDependents(List<GraphNode> dependents) implements GarbagePlan {}

  /// It goes alone: these must forget it before.
  record LetGo(List<GraphNode> dependents) implements GarbagePlan {}

  /// What is known of an owner.
  enum OwnerState {
    THERE,
    /// There, but it waits for its dependents to go first.
    WAITING,
    GONE
  }

  /// @param dependents what the object owns
  /// @param owners the state of each of its owners, by uid
  /// @param awaitsNode whether a dependent waits for this very object: objects that own each other
  ///   in a circle have no first one, so such a dependent holds nobody
  static GarbagePlan of(
      GraphNode node,
      List<GraphNode> dependents,
      Map<String, OwnerState> owners,
      Predicate<GraphNode> awaitsNode) {
    if (node.orphansDependents()) {
      return dependents.isEmpty() ? new DropFinalizer(GraphNode.ORPHAN) : new LetGo(dependents);
    }
    if (node.waitsForDependents()) {
      List<GraphNode> blocking =
          dependents.stream()
              .filter(dependent -> dependent.blocks(node.uid()) && !awaitsNode.test(dependent))
              .toList();
      return blocking.isEmpty()
          ? new DropFinalizer(GraphNode.FOREGROUND)
          : new AwaitDependents(dependents.stream().filter(kept -> !kept.deleting()).toList());
    }
    if (node.deleting() || node.owners().isEmpty()) {
      return new Keep();
    }
    Set<String> notThere = new LinkedHashSet<>();
    boolean anyThere = false;
    boolean anyWaiting = false;
    for (OwnerReference owner : node.owners()) {
      OwnerState state = owners.getOrDefault(owner.getUid(), OwnerState.THERE);
      anyThere |= state == OwnerState.THERE;
      anyWaiting |= state == OwnerState.WAITING;
      if (state != OwnerState.THERE) {
        notThere.add(owner.getUid());
      }
    }
    if (anyThere) {
      return notThere.isEmpty() ? new Keep() : new DropOwners(notThere);
    }
    // An owner that waits must see all of its descendants gone, not only its children.
    return new Delete(
        anyWaiting && !dependents.isEmpty() ? Propagation.FOREGROUND : Propagation.BACKGROUND);
  }
}
