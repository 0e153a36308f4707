package io.coxswain.controlplane.registry;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Times;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The rules of `metadata`, the same for every kind. Pure.
final class Metadata {

  private Metadata() {}

  /// A new object's metadata: what the system owns is set, whatever its author wrote there.
  static Message forCreate(
      Message object, String namespace, String name, String uid, Instant now, boolean counted) {
    return ObjectMetas.edit(
        object,
        meta -> {
          meta.setName(name)
              .setUid(uid)
              .setCreationTimestamp(Times.time(now))
              .clearResourceVersion()
              .clearSelfLink()
              .clearGeneration()
              .clearManagedFields()
              .clearDeletionTimestamp()
              .clearDeletionGracePeriodSeconds();
          if (namespace.isEmpty()) {
            meta.clearNamespace();
          } else {
            meta.setNamespace(namespace);
          }
          if (counted) {
            meta.setGeneration(1);
          }
          return meta;
        });
  }

  /// A changed object's metadata: what may not change is as before.
  static Message forUpdate(Message before, Message after) {
    ObjectMeta old = ObjectMetas.read(before);
    return ObjectMetas.edit(
        after,
        meta -> {
          meta.setName(old.getName())
              .setGenerateName(old.getGenerateName())
              .setNamespace(old.getNamespace())
              .setUid(old.getUid())
              .setResourceVersion(old.getResourceVersion())
              .setGeneration(old.getGeneration())
              .setCreationTimestamp(old.getCreationTimestamp())
              .clearSelfLink()
              .clearManagedFields()
              .addAllManagedFields(old.getManagedFieldsList())
              .clearDeletionTimestamp()
              .clearDeletionGracePeriodSeconds();
          if (old.hasDeletionTimestamp()) {
            meta.setDeletionTimestamp(old.getDeletionTimestamp());
          }
          if (old.hasDeletionGracePeriodSeconds()) {
            meta.setDeletionGracePeriodSeconds(old.getDeletionGracePeriodSeconds());
          }
          return meta;
        });
  }

  /// What a writer may not have changed.
  static List<ApiError.Cause> onUpdate(Message before, Message after) {
    ObjectMeta old = ObjectMetas.read(before);
    if (!old.hasDeletionTimestamp()) {
      return List.of();
    }
    List<String> added =
        ObjectMetas.read(after).getFinalizersList().stream()
            .filter(finalizer -> !old.getFinalizersList().contains(finalizer))
            .toList();
    return added.isEmpty()
        ? List.of()
        : List.of(
            new ApiError.Cause(
                "FieldValueForbidden",
                "metadata.finalizers",
                "Forbidden: no new finalizers can be added if the object is being deleted, found"
                    + " new finalizers "
                    + added));
  }

  /// The object with its generation raised if anything but metadata and status has changed.
  static Message counted(ResourceType<?> type, Message before, Message after) {
    ObjectMeta meta = ObjectMetas.read(after);
    // A status that has no path of its own is part of what the author wants.
    boolean all = after instanceof CustomObject && !hasStatus(type);
    return meta.getGeneration() == 0 || sameWish(before, after, all)
        ? after
        : ObjectMetas.edit(after, edited -> edited.setGeneration(meta.getGeneration() + 1));
  }

  private static boolean sameWish(Message before, Message after, boolean all) {
    for (FieldDescriptor field : after.getDescriptorForType().getFields()) {
      String name = field.getName();
      boolean wish = !name.equals("metadata") && (all || !name.equals("status"));
      if (wish && !before.getField(field).equals(after.getField(field))) {
        return false;
      }
    }
    return true;
  }

  /// Whether an object of the kind says what its author wants.
  static boolean hasWish(Message object) {
    return object instanceof CustomObject
        || field(object, "spec").isPresent()
        || field(object, "Webhooks").isPresent();
  }

  static boolean hasStatus(ResourceType<?> type) {
    return type.subresources().contains("status");
  }

  /// `target` with its status as it is in `source`.
  static Message withStatusOf(Message target, Message source) {
    return withField(target, source, "status");
  }

  /// `target` with one of its fields as it is in `source`.
  static Message withField(Message target, Message source, String name) {
    return field(source, name)
        .map(field -> {
          Message.Builder builder = target.toBuilder();
          return source.hasField(field)
              ? builder.setField(field, source.getField(field)).build()
              : builder.clearField(field).build();
        })
        .orElse(target);
  }

  static Optional<FieldDescriptor> field(Message message, String name) {
    return Optional.ofNullable(message.getDescriptorForType().findFieldByName(name));
  }
}
