package io.coxswain.controlplane.controller.framework;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.schema.ResourceType;
import java.util.Optional;

/// Who an object belongs to. At most one owner is its controller, which alone may create, change
/// and delete it.
public final class OwnerReferences {

  private OwnerReferences() {}

  public static Optional<OwnerReference> controllerOf(ObjectMeta metadata) {
    for (OwnerReference reference : metadata.getOwnerReferencesList()) {
      if (reference.getController()) {
        return Optional.of(reference);
      }
    }
    return Optional.empty();
  }

  /// Empty when nobody controls the object.
  public static String controllerUid(ObjectMeta metadata) {
    return controllerOf(metadata).map(OwnerReference::getUid).orElse("");
  }

  public static boolean isControlledBy(ObjectMeta metadata, ObjectMeta owner) {
    return controllerUid(metadata).equals(owner.getUid()) && !owner.getUid().isEmpty();
  }

  /// What a controller writes into an object that it creates or adopts.
  public static OwnerReference controller(ResourceType<? extends Message> type, ObjectMeta owner) {
    return OwnerReference.newBuilder()
        .setApiVersion(type.apiVersion())
        .setKind(type.kind())
        .setName(owner.getName())
        .setUid(owner.getUid())
        .setController(true)
        .setBlockOwnerDeletion(true)
        .build();
  }

  /// The metadata with one more owner.
  public static ObjectMeta add(ObjectMeta metadata, OwnerReference owner) {
    return metadata.toBuilder().addOwnerReferences(owner).build();
  }

  /// The metadata without every reference to the uid.
  public static ObjectMeta remove(ObjectMeta metadata, String uid) {
    ObjectMeta.Builder kept = metadata.toBuilder().clearOwnerReferences();
    for (OwnerReference reference : metadata.getOwnerReferencesList()) {
      if (!reference.getUid().equals(uid)) {
        kept.addOwnerReferences(reference);
      }
    }
    return kept.build();
  }
}
