package io.coxswain.controlplane.admission.plugin;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.codec.Times;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A claim that names no storage class gets the cluster's default: of several the newest. An empty
/// name means none, and stays.
final class DefaultStorageClass implements AdmissionPlugin {

  private static final String OLD_NAME = "volume.beta.kubernetes.io/storage-class";
  private static final List<String> MARKS =
      List.of(
          "storageclass.kubernetes.io/is-default-class",
          "storageclass.beta.kubernetes.io/is-default-class");

  @Override
  public Set<String> kinds() {
    return Set.of("persistentvolumeclaims");
  }

  @Override
  public Message mutate(AdmissionRequest request, StoredObjects objects) {
    PersistentVolumeClaim claim = (PersistentVolumeClaim) request.object();
    if (!request.creates()
        || claim.getSpec().hasStorageClassName()
        || claim.getMetadata().containsAnnotations(OLD_NAME)) {
      return claim;
    }
    Optional<String> standard =
        objects.list(StorageClass.class, "").stream()
            .filter(DefaultStorageClass::isDefault)
            .min(
                Comparator.comparing((StorageClass one) ->
                        Times.instant(one.getMetadata().getCreationTimestamp()))
                    .reversed()
                    .thenComparing(one -> one.getMetadata().getName()))
            .map(one -> one.getMetadata().getName());
    if (standard.isEmpty()) {
      return claim;
    }
    PersistentVolumeClaim.Builder changed = claim.toBuilder();
    changed.getSpecBuilder().setStorageClassName(standard.get());
    return changed.build();
  }

  private static boolean isDefault(StorageClass one) {
    return MARKS.stream()
        .anyMatch(mark -> one.getMetadata().getAnnotationsOrDefault(mark, "").equals("true"));
  }
}
