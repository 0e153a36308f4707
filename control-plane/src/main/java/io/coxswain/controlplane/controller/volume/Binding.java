package io.coxswain.controlplane.controller.volume;

import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.volume.Claims;
import io.coxswain.client.volume.VolumeMarks;

/// The two sides of a binding as they are to be written. Each is the same as before when nothing is
/// missing of it.
final class Binding {

  private static final String YES = "yes";

  private Binding() {}

  static PersistentVolume of(PersistentVolume volume, PersistentVolumeClaim claim) {
    ObjectMeta meta = claim.getMetadata();
    PersistentVolume.Builder bound = volume.toBuilder();
    if (!Claims.isFor(volume, claim)) {
      bound.getMetadataBuilder().putAnnotations(VolumeMarks.BOUND_BY_CONTROLLER, YES);
    }
    boolean whole =
        Claims.isFor(volume, claim)
            && volume.getSpec().getClaimRef().getUid().equals(meta.getUid());
    if (!whole) {
      bound
          .getSpecBuilder()
          .setClaimRef(
              ObjectReference.newBuilder()
                  .setApiVersion("v1")
                  .setKind("PersistentVolumeClaim")
                  .setNamespace(meta.getNamespace())
                  .setName(meta.getName())
                  .setUid(meta.getUid())
                  .setResourceVersion(meta.getResourceVersion()));
    }
    return bound.build();
  }

  static PersistentVolumeClaim of(PersistentVolumeClaim claim, PersistentVolume volume) {
    PersistentVolumeClaim.Builder bound = claim.toBuilder();
    if (claim.getSpec().getVolumeName().isEmpty()) {
      bound.getSpecBuilder().setVolumeName(volume.getMetadata().getName());
      bound.getMetadataBuilder().putAnnotations(VolumeMarks.BOUND_BY_CONTROLLER, YES);
    }
    if (!claim.getMetadata().containsAnnotations(VolumeMarks.BIND_COMPLETED)) {
      bound.getMetadataBuilder().putAnnotations(VolumeMarks.BIND_COMPLETED, YES);
    }
    return bound.build();
  }

  /// The claim with the status of one that has the volume. How much a claim has that was bound
  /// before is not ours to say: it may be growing.
  static PersistentVolumeClaim status(PersistentVolumeClaim claim, PersistentVolume volume) {
    PersistentVolumeClaim.Builder bound = claim.toBuilder();
    boolean becomes = !claim.getStatus().getPhase().equals("Bound");
    bound
        .getStatusBuilder()
        .setPhase("Bound")
        .clearAccessModes()
        .addAllAccessModes(volume.getSpec().getAccessModesList());
    if (becomes) {
      bound.getStatusBuilder().clearCapacity().putAllCapacity(volume.getSpec().getCapacityMap());
      if (volume.getSpec().hasVolumeAttributesClassName()) {
        bound
            .getStatusBuilder()
            .setCurrentVolumeAttributesClassName(volume.getSpec().getVolumeAttributesClassName());
      }
    }
    return bound.build();
  }

  /// The volume without its claim; one that a person reserved stays reserved.
  static PersistentVolume undone(PersistentVolume volume) {
    PersistentVolume.Builder free = volume.toBuilder();
    if (volume.getMetadata().containsAnnotations(VolumeMarks.BOUND_BY_CONTROLLER)) {
      free.getSpecBuilder().clearClaimRef();
      free.getMetadataBuilder().removeAnnotations(VolumeMarks.BOUND_BY_CONTROLLER);
    } else {
      free.getSpecBuilder().getClaimRefBuilder().clearUid();
    }
    return free.build();
  }
}
