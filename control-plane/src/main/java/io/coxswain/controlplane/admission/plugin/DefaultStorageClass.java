package io.coxswain.controlplane.admission.plugin;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.volume.Claims;
import java.util.Optional;
import java.util.Set;

/// A claim that names no storage class gets the cluster's default: of several the newest. An empty
/// name means none, and stays.
final class DefaultStorageClass implements AdmissionPlugin {

  @Override
  public Set<String> kinds() {
    return Set.of("persistentvolumeclaims");
  }

  @Override
  public Message mutate(AdmissionRequest request, StoredObjects objects) {
    PersistentVolumeClaim claim = (PersistentVolumeClaim) request.object();
    if (!request.creates() || Claims.saysClass(claim)) {
      return claim;
    }
    Optional<String> standard =
        Claims.standard(objects.list(StorageClass.class, ""))
            .map(one -> one.getMetadata().getName());
    if (standard.isEmpty()) {
      return claim;
    }
    PersistentVolumeClaim.Builder changed = claim.toBuilder();
    changed.getSpecBuilder().setStorageClassName(standard.get());
    return changed.build();
  }
}
