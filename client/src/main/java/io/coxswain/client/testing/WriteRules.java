package io.coxswain.client.testing;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.NamespaceSpec;
import io.coxswain.api.core.v1.NamespaceStatus;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.PersistentVolumeClaimStatus;
import io.coxswain.api.core.v1.PersistentVolumeStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.schema.ResourceType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What becomes of an object on its way into the store. Pure.
final class WriteRules {

  private static final long DEFAULT_GRACE_SECONDS = 30;
  private static final String PENDING = "Pending";

  private WriteRules() {}

  static Message forCreate(
      ResourceType<?> type,
      Message object,
      String name,
      String namespace,
      String uid,
      Instant now) {
    ObjectMeta.Builder meta =
        ObjectMetas.read(object).toBuilder()
            .setName(name)
            .setUid(uid)
            .setCreationTimestamp(time(now))
            .clearResourceVersion()
            .clearDeletionTimestamp()
            .clearDeletionGracePeriodSeconds();
    if (type.namespaced()) {
      meta.setNamespace(namespace);
    } else {
      meta.clearNamespace();
    }
    if (FieldPaths.field(object, "spec").isPresent()) {
      meta.setGeneration(1);
    }
    Message created = ObjectMetas.replace(object, meta.build());
    if (type.subresources().contains("status")) {
      created = FieldPaths.withField(created, type.prototype(), "status");
    }
    return switch (created) {
      case Pod pod -> pod.toBuilder().setStatus(PodStatus.newBuilder().setPhase(PENDING)).build();
      case PersistentVolume volume ->
          volume.toBuilder()
              .setStatus(
                  PersistentVolumeStatus.newBuilder()
                      .setPhase(PENDING)
                      .setLastPhaseTransitionTime(time(now)))
              .build();
      case PersistentVolumeClaim claim ->
          claim.toBuilder()
              .setStatus(PersistentVolumeClaimStatus.newBuilder().setPhase(PENDING))
              .build();
      case Namespace fresh ->
          fresh.toBuilder()
              .setSpec(NamespaceSpec.newBuilder().addFinalizers("kubernetes"))
              .setStatus(NamespaceStatus.newBuilder().setPhase("Active"))
              .build();
      default -> created;
    };
  }

  static Message forUpdate(ResourceType<?> type, Message stored, Message wanted) {
    ObjectMeta old = ObjectMetas.read(stored);
    checkFinalizers(type, old, ObjectMetas.read(wanted));
    Message next = ObjectMetas.replace(wanted, keepSystemFields(old, ObjectMetas.read(wanted)));
    if (type.subresources().contains("status")) {
      next = FieldPaths.withField(next, stored, "status");
    }
    if (next instanceof Namespace changed && stored instanceof Namespace before) {
      next = changed.toBuilder().setSpec(before.getSpec()).build();
    }
    return generationBumped(type, stored, next);
  }

  static Message forStatusUpdate(Message stored, Message wanted) {
    return FieldPaths.withField(stored, wanted, "status");
  }

  /// The object marked for deletion, or nothing when it may go at once.
  static Optional<Message> forDelete(
      ResourceType<?> type, Message stored, DeleteOptions options, Instant now) {
    ObjectMeta old = ObjectMetas.read(stored);
    List<String> finalizers = new ArrayList<>(old.getFinalizersList());
    switch (options.getPropagationPolicy()) {
      case "Foreground" -> addOnce(finalizers, "foregroundDeletion");
      case "Orphan" -> addOnce(finalizers, "orphan");
      default -> {}
    }
    long grace = stored instanceof Pod pod ? grace(pod, options) : 0;
    boolean marked = old.hasDeletionTimestamp();
    if (marked) {
      grace = Math.min(grace, old.getDeletionGracePeriodSeconds());
    }
    boolean held =
        !finalizers.isEmpty()
            || (stored instanceof Namespace n && n.getSpec().getFinalizersCount() > 0);
    if (grace == 0 && !held) {
      return Optional.empty();
    }
    ObjectMeta.Builder meta = old.toBuilder().clearFinalizers().addAllFinalizers(finalizers);
    if (!marked || grace < old.getDeletionGracePeriodSeconds()) {
      Instant base =
          marked
              ? instant(old.getDeletionTimestamp())
                  .minusSeconds(old.getDeletionGracePeriodSeconds())
              : now;
      meta.setDeletionTimestamp(time(base.plusSeconds(grace))).setDeletionGracePeriodSeconds(grace);
      if (!marked && old.getGeneration() > 0) {
        meta.setGeneration(old.getGeneration() + 1);
      }
    }
    Message next = ObjectMetas.replace(stored, meta.build());
    if (next instanceof Namespace n) {
      next = n.toBuilder().setStatus(n.getStatus().toBuilder().setPhase("Terminating")).build();
    }
    return Optional.of(next);
  }

  /// Whether an object marked for deletion has nothing left to wait for.
  static boolean mayGo(Message object) {
    ObjectMeta meta = ObjectMetas.read(object);
    return meta.hasDeletionTimestamp()
        && meta.getFinalizersCount() == 0
        && meta.getDeletionGracePeriodSeconds() == 0
        && !(object instanceof Namespace n && n.getSpec().getFinalizersCount() > 0);
  }

  static Message withVersion(Message object, String version) {
    return ObjectMetas.replace(
        object, ObjectMetas.read(object).toBuilder().setResourceVersion(version).build());
  }

  static Time time(Instant instant) {
    return Time.newBuilder().setSeconds(instant.getEpochSecond()).build();
  }

  private static Instant instant(Time time) {
    return Instant.ofEpochSecond(time.getSeconds());
  }

  private static long grace(Pod pod, DeleteOptions options) {
    String phase = pod.getStatus().getPhase();
    if (pod.getSpec().getNodeName().isEmpty()
        || phase.equals("Succeeded")
        || phase.equals("Failed")) {
      return 0;
    }
    if (options.hasGracePeriodSeconds()) {
      return Math.max(0, options.getGracePeriodSeconds());
    }
    return pod.getSpec().hasTerminationGracePeriodSeconds()
        ? pod.getSpec().getTerminationGracePeriodSeconds()
        : DEFAULT_GRACE_SECONDS;
  }

  private static void addOnce(List<String> finalizers, String finalizer) {
    if (!finalizers.contains(finalizer)) {
      finalizers.add(finalizer);
    }
  }

  private static ObjectMeta keepSystemFields(ObjectMeta old, ObjectMeta wanted) {
    ObjectMeta.Builder meta =
        wanted.toBuilder()
            .setUid(old.getUid())
            .setNamespace(old.getNamespace())
            .setResourceVersion(old.getResourceVersion())
            .setGeneration(old.getGeneration())
            .setCreationTimestamp(old.getCreationTimestamp());
    if (old.hasDeletionTimestamp()) {
      meta.setDeletionTimestamp(old.getDeletionTimestamp())
          .setDeletionGracePeriodSeconds(old.getDeletionGracePeriodSeconds());
    } else {
      meta.clearDeletionTimestamp().clearDeletionGracePeriodSeconds();
    }
    return meta.build();
  }

  private static void checkFinalizers(ResourceType<?> type, ObjectMeta old, ObjectMeta wanted) {
    if (!old.hasDeletionTimestamp()) {
      return;
    }
    for (String finalizer : wanted.getFinalizersList()) {
      if (!old.getFinalizersList().contains(finalizer)) {
        String message = "no new finalizers can be added if the object is being deleted";
        throw new ApiException(
            new ApiError.Invalid(
                type.group(),
                type.kind(),
                old.getName(),
                List.of(new ApiError.Cause("FieldValueForbidden", "metadata.finalizers", message)),
                type.kind()
                    + " \""
                    + old.getName()
                    + "\" is invalid: metadata.finalizers: "
                    + message));
      }
    }
  }

  private static Message generationBumped(ResourceType<?> type, Message stored, Message next) {
    boolean same = true;
    for (FieldDescriptor field : type.prototype().getDescriptorForType().getFields()) {
      String name = field.getName();
      if (!name.equals("metadata") && !name.equals("status")) {
        same &= FieldPaths.sameField(stored, next, name);
      }
    }
    ObjectMeta meta = ObjectMetas.read(next);
    if (same || meta.getGeneration() == 0) {
      return next;
    }
    return ObjectMetas.replace(
        next, meta.toBuilder().setGeneration(meta.getGeneration() + 1).build());
  }
}
