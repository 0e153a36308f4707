package io.coxswain.scheduler.plugin.volume;

import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.resource.Quantity;
import io.coxswain.api.storage.v1.CSIStorageCapacity;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.codec.Selectors;
import io.coxswain.client.volume.Claims;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.Storage;

/// What drivers say that they have left (CSIStorageCapacity, KEP-1472). It may have changed since:
/// a volume that cannot be made after all is tried elsewhere.
final class StorageCapacities {

  private StorageCapacities() {}

  /// Whether a volume for the claim can be made where the node reaches it, as far as the driver
  /// tells.
  static boolean suffice(Storage storage, PersistentVolumeClaim claim, NodeInfo node) {
    StorageClass from = storage.classes().get(Claims.className(claim));
    if (from == null || !storage.drivers().tellsCapacity(from.getProvisioner())) {
      return true;
    }
    Quantity wanted = Claims.requested(claim);
    return storage.drivers().capacities().values().stream()
        .filter(one -> one.getStorageClassName().equals(from.getMetadata().getName()))
        .filter(one -> isEnough(one, wanted))
        .anyMatch(one ->
            one.hasNodeTopology() && Selectors.labels(one.getNodeTopology()).test(node.labels()));
  }

  private static boolean isEnough(CSIStorageCapacity one, Quantity wanted) {
    if (one.hasMaximumVolumeSize()) {
      return Quantities.compare(one.getMaximumVolumeSize(), wanted) >= 0;
    }
    return one.hasCapacity() && Quantities.compare(one.getCapacity(), wanted) >= 0;
  }
}
