package io.coxswain.controlplane.admission.plugin;

import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.volume.Claims;
import java.util.Set;

/// A claim grows only when it has a volume, and its class says that such volumes can grow.
final class ClaimResizes implements AdmissionPlugin {

  @Override
  public Set<String> kinds() {
    return Set.of("persistentvolumeclaims");
  }

  @Override
  public void validate(AdmissionRequest request, StoredObjects objects) {
    if (request.creates() || !request.subresource().isEmpty()) {
      return;
    }
    PersistentVolumeClaim before = (PersistentVolumeClaim) request.before().orElseThrow();
    PersistentVolumeClaim after = (PersistentVolumeClaim) request.object();
    if (Quantities.compare(Claims.requested(after), Claims.requested(before)) <= 0) {
      return;
    }
    if (!before.getStatus().getPhase().equals("Bound")) {
      throw request.forbidden("Only bound persistent volume claims can be expanded");
    }
    String name = Claims.className(after);
    boolean grows =
        !name.isEmpty()
            && name.equals(Claims.className(before))
            && objects.list(StorageClass.class, "").stream()
                .filter(one -> one.getMetadata().getName().equals(name))
                .anyMatch(StorageClass::getAllowVolumeExpansion);
    if (!grows) {
      throw request.forbidden(
          "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
    }
  }
}
