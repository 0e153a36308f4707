package io.coxswain.client.volume;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.client.codec.LabelMatcher;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.codec.Selectors;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Which volume a claim gets: one that is reserved for it, or else, of those that are free and fit,
/// the one with the fewest access modes, and of these the smallest.
public final class VolumeMatch {

  private VolumeMatch() {}

  /// For a controller.
  ///
  /// @param reservedOnly when the scheduler is the one to choose among free volumes
  public static Optional<PersistentVolume> find(
      PersistentVolumeClaim claim, Collection<PersistentVolume> volumes, boolean reservedOnly) {
    Optional<PersistentVolume> reserved =
        volumes.stream()
            .filter(one -> fits(one, claim) && hasModes(one, claim) && Claims.isFor(one, claim))
            .findFirst();
    if (reserved.isPresent() || reservedOnly) {
      return reserved;
    }
    return best(claim, volumes, one -> true);
  }

  /// For the scheduler: on one node.
  ///
  /// @param reachable whether a volume can be used on the node
  /// @param taken names of volumes that others were promised
  public static Optional<PersistentVolume> find(
      PersistentVolumeClaim claim,
      Collection<PersistentVolume> volumes,
      Predicate<PersistentVolume> reachable,
      Set<String> taken) {
    Optional<PersistentVolume> reserved =
        volumes.stream()
            .filter(one -> fits(one, claim) && Claims.isFor(one, claim))
            .filter(one -> !taken.contains(one.getMetadata().getName()))
            .findFirst();
    if (reserved.isPresent()) {
      return reserved.filter(reachable);
    }
    return best(
        claim, volumes, one -> !taken.contains(one.getMetadata().getName()) && reachable.test(one));
  }

  private static Optional<PersistentVolume> best(
      PersistentVolumeClaim claim,
      Collection<PersistentVolume> volumes,
      Predicate<PersistentVolume> allowed) {
    LabelMatcher labels =
        claim.getSpec().hasSelector()
            ? Selectors.labels(claim.getSpec().getSelector())
            : LabelMatcher.EVERYTHING;
    return volumes.stream()
        .filter(one -> !one.getSpec().hasClaimRef())
        .filter(one -> one.getStatus().getPhase().equals("Available"))
        .filter(one -> Claims.className(one).equals(Claims.className(claim)))
        .filter(one -> fits(one, claim))
        .filter(one -> hasModes(one, claim))
        .filter(one -> labels.test(one.getMetadata().getLabelsMap()))
        .filter(allowed)
        .min(
            Comparator.comparingInt((PersistentVolume one) ->
                    new HashSet<>(one.getSpec().getAccessModesList()).size())
                .thenComparing(Claims::capacity, Quantities::compare)
                .thenComparing(one -> one.getMetadata().getName()));
  }

  /// Whether nothing about the volume itself keeps the claim from it.
  private static boolean fits(PersistentVolume volume, PersistentVolumeClaim claim) {
    return !volume.getMetadata().hasDeletionTimestamp()
        && LocalState.of(volume).map(state -> state == LocalState.MADE).orElse(true)
        && Quantities.compare(Claims.capacity(volume), Claims.requested(claim)) >= 0
        && Claims.mode(volume).equals(Claims.mode(claim))
        && volume
            .getSpec()
            .getVolumeAttributesClassName()
            .equals(claim.getSpec().getVolumeAttributesClassName());
  }

  private static boolean hasModes(PersistentVolume volume, PersistentVolumeClaim claim) {
    return volume.getSpec().getAccessModesList().containsAll(claim.getSpec().getAccessModesList());
  }

  /// Why a claim cannot have the volume that it names, in Kubernetes' words; nothing when it can.
  public static Optional<String> mismatch(PersistentVolume volume, PersistentVolumeClaim claim) {
    if (volume.getMetadata().hasDeletionTimestamp()) {
      return Optional.of(
          "the volume is marked for deletion \"" + volume.getMetadata().getName() + "\"");
    }
    if (Quantities.compare(Claims.capacity(volume), Claims.requested(claim)) < 0) {
      return Optional.of("requested PV is too small");
    }
    if (!Claims.className(volume).equals(Claims.className(claim))) {
      return Optional.of("storageClassName does not match");
    }
    if (!volume
        .getSpec()
        .getVolumeAttributesClassName()
        .equals(claim.getSpec().getVolumeAttributesClassName())) {
      return Optional.of("volumeAttributesClassName does not match");
    }
    if (!Claims.mode(volume).equals(Claims.mode(claim))) {
      return Optional.of("incompatible volumeMode");
    }
    return hasModes(volume, claim) ? Optional.empty() : Optional.of("incompatible accessMode");
  }
}
