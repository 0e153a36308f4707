package io.coxswain.controlplane.controller.volume;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.volume.Claims;
import io.coxswain.client.volume.VolumeMarks;
import io.coxswain.client.volume.VolumeMatch;
import java.util.Optional;

/// What is to be done next about a claim, as in Kubernetes. A claim that was bound once never gets
/// another volume: what was stored would silently be gone.
final class ClaimPlan {

  sealed interface Step {}

  /// Until something changes.
  record Nothing() implements Step {}

  /// It gets the volume, or what is missing of their binding.
  record Bind(PersistentVolume volume) implements Step {}

  /// Nothing fits yet.
  record Wait(Optional<Note> note) implements Step {}

  /// It named no class when there was no default, and now there is one.
  record AssignClass(String name) implements Step {}

  /// The provisioner of the class is to make a volume.
  record Provision(StorageClass from) implements Step {}

  /// Its volume is gone, or another's.
  record Lose(Note note) implements Step {}

  private ClaimPlan() {}

  static Step of(ClaimSnapshot snapshot) {
    PersistentVolumeClaim claim = snapshot.claim();
    if (claim.getMetadata().containsAnnotations(VolumeMarks.BIND_COMPLETED)) {
      return bound(snapshot);
    }
    if (claim.getMetadata().hasDeletionTimestamp()) {
      return new Nothing();
    }
    return claim.getSpec().getVolumeName().isEmpty() ? unbound(snapshot) : named(snapshot);
  }

  private static Step unbound(ClaimSnapshot snapshot) {
    PersistentVolumeClaim claim = snapshot.claim();
    Optional<StorageClass> from = snapshot.storageClass();
    boolean delayed = from.filter(Claims::waitsForConsumer).isPresent();
    Optional<PersistentVolume> found = VolumeMatch.find(claim, snapshot.volumes(), delayed);
    if (found.isPresent()) {
      return new Bind(found.get());
    }
    Optional<StorageClass> standard =
        Claims.saysClass(claim) ? Optional.empty() : Claims.standard(snapshot.classes());
    if (standard.isPresent()) {
      return new AssignClass(standard.get().getMetadata().getName());
    }
    if (delayed && !claim.getMetadata().containsAnnotations(VolumeMarks.SELECTED_NODE)) {
      return new Wait(Optional.of(waitingFor(snapshot)));
    }
    if (Claims.className(claim).isEmpty()) {
      return new Wait(
          Optional.of(
              Note.normal(
                  "FailedBinding",
                  "no persistent volumes available for this claim and no storage class is set")));
    }
    if (from.isEmpty()) {
      return new Wait(
          Optional.of(
              Note.warning(
                  "ProvisioningFailed",
                  "storageclass.storage.k8s.io \"%s\" not found"
                      .formatted(Claims.className(claim)))));
    }
    if (from.get().getProvisioner().equals(VolumeMarks.NO_PROVISIONER)) {
      return new Wait(
          Optional.of(
              Note.warning(
                  "ProvisioningFailed",
                  "no volume plugin matched name: " + VolumeMarks.NO_PROVISIONER)));
    }
    return new Provision(from.get());
  }

  private static Note waitingFor(ClaimSnapshot snapshot) {
    return switch (snapshot.unscheduled().size()) {
      case 0 ->
          Note.normal(
              "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
      case 1 ->
          Note.normal(
              "WaitForPodScheduled",
              "waiting for pod %s to be scheduled".formatted(snapshot.unscheduled().getFirst()));
      default ->
          Note.normal(
              "WaitForPodScheduled",
              "waiting for pods %s to be scheduled"
                  .formatted(String.join(",", snapshot.unscheduled())));
    };
  }

  /// A person asked for a certain volume, or the binding was cut short.
  private static Step named(ClaimSnapshot snapshot) {
    PersistentVolumeClaim claim = snapshot.claim();
    Optional<PersistentVolume> found = snapshot.volume(claim.getSpec().getVolumeName());
    if (found.isEmpty()) {
      return new Wait(Optional.empty());
    }
    PersistentVolume volume = found.get();
    if (Claims.isFor(volume, claim)) {
      return new Bind(volume);
    }
    String name = volume.getMetadata().getName();
    if (volume.getSpec().hasClaimRef()) {
      return new Wait(
          Optional.of(
              Note.warning(
                  "FailedBinding",
                  "volume \"%s\" already bound to a different claim.".formatted(name))));
    }
    return VolumeMatch.mismatch(volume, claim)
        .<Step>map(why ->
            new Wait(
                Optional.of(
                    Note.warning(
                        "VolumeMismatch",
                        "Cannot bind to requested volume \"%s\": %s".formatted(name, why)))))
        .orElseGet(() -> new Bind(volume));
  }

  private static Step bound(ClaimSnapshot snapshot) {
    PersistentVolumeClaim claim = snapshot.claim();
    if (claim.getSpec().getVolumeName().isEmpty()) {
      return lost(
          claim,
          "ClaimLost",
          "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!");
    }
    Optional<PersistentVolume> volume = snapshot.volume(claim.getSpec().getVolumeName());
    if (volume.isEmpty()) {
      return lost(
          claim,
          "ClaimLost",
          "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
    }
    boolean mine =
        !volume.get().getSpec().hasClaimRef()
            || volume.get().getSpec().getClaimRef().getUid().equals(claim.getMetadata().getUid());
    return mine
        ? new Bind(volume.get())
        : lost(
            claim,
            "ClaimMisbound",
            "Two claims are bound to the same volume, this one is bound incorrectly");
  }

  /// Said once.
  private static Step lost(PersistentVolumeClaim claim, String reason, String message) {
    return claim.getStatus().getPhase().equals("Lost")
        ? new Nothing()
        : new Lose(Note.warning(reason, message));
  }
}
