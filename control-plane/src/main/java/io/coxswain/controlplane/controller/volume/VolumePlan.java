package io.coxswain.controlplane.controller.volume;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.client.volume.Claims;
import io.coxswain.client.volume.LocalState;
import io.coxswain.client.volume.VolumeMarks;
import java.util.Optional;

/// What is to be done next about a volume, as in Kubernetes.
final class VolumePlan {

  private static final String DELETE = "Delete";

  sealed interface Step {}

  /// Its phase is to say so.
  record Phase(String phase) implements Step {}

  /// Its claim is gone, or has another volume.
  ///
  /// @param failure why nothing can be done about what is stored; nothing when somebody does it, or
  ///   it is to stay
  record Release(Optional<Note> failure) implements Step {}

  /// Its claim has another volume: it is free again.
  record Unbind() implements Step {}

  /// Its claim does not know of it yet.
  record WakeClaim() implements Step {}

  /// Its claim is of another mode, and never gets it.
  record Mismatch() implements Step {}

  private VolumePlan() {}

  /// @param claim for which it is, if that very one is there: one of the same name that was made
  ///   later is another
  static Step of(PersistentVolume volume, Optional<PersistentVolumeClaim> claim) {
    boolean ordered =
        LocalState.of(volume).filter(state -> state == LocalState.ORDERED).isPresent();
    if (!volume.getSpec().hasClaimRef() || volume.getSpec().getClaimRef().getUid().isEmpty()) {
      return new Phase("Available");
    }
    if (claim.isEmpty()) {
      return release(volume);
    }
    String taken = claim.get().getSpec().getVolumeName();
    if (taken.isEmpty()) {
      if (ordered) {
        return new Phase("Pending");
      }
      return Claims.mode(volume).equals(Claims.mode(claim.get()))
          ? new WakeClaim()
          : new Mismatch();
    }
    if (taken.equals(volume.getMetadata().getName())) {
      return new Phase("Bound");
    }
    boolean provisioned =
        volume.getMetadata().containsAnnotations(VolumeMarks.PROVISIONED_BY)
            && volume.getSpec().getPersistentVolumeReclaimPolicy().equals(DELETE);
    return provisioned ? release(volume) : new Unbind();
  }

  private static Step release(PersistentVolume volume) {
    return switch (volume.getSpec().getPersistentVolumeReclaimPolicy()) {
      case DELETE -> new Release(undeletable(volume));
      case "Recycle" ->
          new Release(
              Optional.of(
                  Note.warning(
                      "VolumeFailedRecycle",
                      "No recycler plugin found for the volume! Use the reclaim policy Delete or"
                          + " Retain.")));
      default -> new Release(Optional.empty());
    };
  }

  /// Who made a volume deletes it; what people made, people delete.
  private static Optional<Note> undeletable(PersistentVolume volume) {
    boolean somebodys =
        volume.getMetadata().containsAnnotations(VolumeMarks.PROVISIONED_BY)
            || volume.getSpec().getPersistentVolumeSource().hasCsi();
    return somebodys
        ? Optional.empty()
        : Optional.of(
            Note.warning(
                "VolumeFailedDelete",
                "error getting deleter volume plugin for volume \"%s\": no deletable volume plugin matched"
                    .formatted(volume.getMetadata().getName())));
  }
}
