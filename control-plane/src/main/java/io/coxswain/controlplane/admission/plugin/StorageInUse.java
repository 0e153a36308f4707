package io.coxswain.controlplane.admission.plugin;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.volume.VolumeMarks;
import java.util.Set;

/// New claims and volumes get the finalizers that keep them while somebody uses them. A controller
/// takes these away again.
final class StorageInUse implements AdmissionPlugin {

  @Override
  public Set<String> kinds() {
    return Set.of("persistentvolumeclaims", "persistentvolumes");
  }

  @Override
  public Message mutate(AdmissionRequest request, StoredObjects objects) {
    if (!request.creates()) {
      return request.object();
    }
    return switch (request.object()) {
      case PersistentVolumeClaim claim -> with(claim, VolumeMarks.CLAIM_PROTECTION);
      case PersistentVolume volume -> with(volume, VolumeMarks.VOLUME_PROTECTION);
      default -> request.object();
    };
  }

  private static <T extends Message> T with(T object, String finalizer) {
    return ObjectMetas.read(object).getFinalizersList().contains(finalizer)
        ? object
        : ObjectMetas.edit(object, meta -> meta.addFinalizers(finalizer));
  }
}
