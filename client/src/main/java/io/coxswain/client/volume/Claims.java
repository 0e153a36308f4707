package io.coxswain.client.volume;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.api.resource.Quantity;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.codec.Times;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What claims and volumes say of themselves, and which claims a pod uses.
public final class Claims {

  /// The mode of volumes that are block devices.
  public static final String BLOCK = "Block";

  private static final String STORAGE = "storage";
  private static final List<String> DEFAULT_MARKS =
      List.of(
          "storageclass.kubernetes.io/is-default-class",
          "storageclass.beta.kubernetes.io/is-default-class");

  private Claims() {}

  /// The claim that a volume of a pod is about; nothing for other volumes.
  public static Optional<String> nameOf(Pod pod, Volume volume) {
    if (volume.getVolumeSource().hasPersistentVolumeClaim()) {
      return Optional.of(volume.getVolumeSource().getPersistentVolumeClaim().getClaimName());
    }
    return volume.getVolumeSource().hasEphemeral()
        ? Optional.of(pod.getMetadata().getName() + "-" + volume.getName())
        : Optional.empty();
  }

  /// Names of the claims that a pod uses, those of its ephemeral volumes included.
  public static List<String> namesOf(Pod pod) {
    return pod.getSpec().getVolumesList().stream()
        .flatMap(volume -> nameOf(pod, volume).stream())
        .distinct()
        .toList();
  }

  /// Whether the claim of an ephemeral volume was made for this very pod.
  public static boolean isMadeFor(Pod pod, PersistentVolumeClaim claim) {
    return claim.getMetadata().getOwnerReferencesList().stream()
        .filter(OwnerReference::getController)
        .anyMatch(owner -> owner.getUid().equals(pod.getMetadata().getUid()));
  }

  /// What Kubernetes says of a claim that has the name of a pod's ephemeral volume by chance.
  public static String notMadeFor(Pod pod, PersistentVolumeClaim claim) {
    return "PVC %s/%s was not created for pod %s/%s (pod is not owner)"
        .formatted(
            claim.getMetadata().getNamespace(),
            claim.getMetadata().getName(),
            pod.getMetadata().getNamespace(),
            pod.getMetadata().getName());
  }

  /// Empty when the claim wants a volume of no class.
  public static String className(PersistentVolumeClaim claim) {
    return claim
        .getMetadata()
        .getAnnotationsOrDefault(VolumeMarks.OLD_CLASS, claim.getSpec().getStorageClassName());
  }

  public static String className(PersistentVolume volume) {
    return volume
        .getMetadata()
        .getAnnotationsOrDefault(VolumeMarks.OLD_CLASS, volume.getSpec().getStorageClassName());
  }

  /// Whether the claim says of which class it is, and be it none.
  public static boolean saysClass(PersistentVolumeClaim claim) {
    return claim.getSpec().hasStorageClassName()
        || claim.getMetadata().containsAnnotations(VolumeMarks.OLD_CLASS);
  }

  /// Whether claims of the class wait for a pod that uses them.
  public static boolean waitsForConsumer(StorageClass one) {
    return one.getVolumeBindingMode().equals("WaitForFirstConsumer");
  }

  /// The class of claims that name none: of several the newest.
  public static Optional<StorageClass> standard(Collection<StorageClass> classes) {
    return classes.stream()
        .filter(Claims::isStandard)
        .min(
            Comparator.comparing(
                    (StorageClass one) -> Times.instant(one.getMetadata().getCreationTimestamp()))
                .reversed()
                .thenComparing(one -> one.getMetadata().getName()));
  }

  private static boolean isStandard(StorageClass one) {
    return DEFAULT_MARKS.stream()
        .anyMatch(mark -> one.getMetadata().getAnnotationsOrDefault(mark, "").equals("true"));
  }

  /// How much the claim asks for.
  public static Quantity requested(PersistentVolumeClaim claim) {
    return claim.getSpec().getResources().getRequestsOrDefault(STORAGE, Quantities.ZERO);
  }

  /// How much the volume has.
  public static Quantity capacity(PersistentVolume volume) {
    return volume.getSpec().getCapacityOrDefault(STORAGE, Quantities.ZERO);
  }

  /// Whether a controller has seen both sides of the binding through.
  public static boolean isBound(PersistentVolumeClaim claim) {
    return !claim.getSpec().getVolumeName().isEmpty()
        && claim.getMetadata().containsAnnotations(VolumeMarks.BIND_COMPLETED);
  }

  /// Whether the volume is reserved for the claim, or bound to this very one.
  public static boolean isFor(PersistentVolume volume, PersistentVolumeClaim claim) {
    var wanted = volume.getSpec().getClaimRef();
    ObjectMeta meta = claim.getMetadata();
    return volume.getSpec().hasClaimRef()
        && wanted.getName().equals(meta.getName())
        && wanted.getNamespace().equals(meta.getNamespace())
        && (wanted.getUid().isEmpty() || wanted.getUid().equals(meta.getUid()));
  }

  /// `Filesystem` unless it says otherwise.
  public static String mode(PersistentVolume volume) {
    String mode = volume.getSpec().getVolumeMode();
    return mode.isEmpty() ? "Filesystem" : mode;
  }

  /// `Filesystem` unless it says otherwise.
  public static String mode(PersistentVolumeClaim claim) {
    String mode = claim.getSpec().getVolumeMode();
    return mode.isEmpty() ? "Filesystem" : mode;
  }
}
