package io.coxswain.controlplane.controller.garbage;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.client.ObjectKey;
import io.coxswain.schema.ResourceType;
import java.util.List;

/// One object as the graph knows it.
record GraphNode(
    ResourceType<? extends Message> type,
    ObjectKey key,
    String uid,
    List<OwnerReference> owners,
    boolean deleting,
    List<String> finalizers) {

  static final String FOREGROUND = "foregroundDeletion";
  static final String ORPHAN = "orphan";

  GraphNode {
    owners = List.copyOf(owners);
    finalizers = List.copyOf(finalizers);
  }

  static GraphNode of(ResourceType<? extends Message> type, ObjectMeta meta) {
    return new GraphNode(
        type,
        new ObjectKey(meta.getNamespace(), meta.getName()),
        meta.getUid(),
        meta.getOwnerReferencesList(),
        meta.hasDeletionTimestamp(),
        meta.getFinalizersList());
  }

  /// Held until what it owns has gone.
  boolean waitsForDependents() {
    return deleting && finalizers.contains(FOREGROUND);
  }

  /// Held until what it owns has been let go.
  boolean orphansDependents() {
    return deleting && finalizers.contains(ORPHAN);
  }

  /// Whether this object keeps the owner from going in the foreground.
  boolean blocks(String ownerUid) {
    return owners.stream().anyMatch(o -> o.getUid().equals(ownerUid) && o.getBlockOwnerDeletion());
  }

  @Override
  public String toString() {
    return type.qualifiedPlural() + " " + key;
  }
}
