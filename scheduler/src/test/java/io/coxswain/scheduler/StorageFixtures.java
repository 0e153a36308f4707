package io.coxswain.scheduler;

import io.coxswain.api.core.v1.NodeSelectorRequirement;
import io.coxswain.api.core.v1.NodeSelectorTerm;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.PersistentVolumeClaimVolumeSource;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeSource;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.volume.VolumeMarks;

/// Claims and volumes for tests, in few words.
public final class StorageFixtures {

  public static final String NAMESPACE = "default";

  private StorageFixtures() {}

  /// A pod that uses the claims.
  public static Pod using(Pod pod, String... claims) {
    Pod.Builder changed = pod.toBuilder();
    for (String claim : claims) {
      changed
          .getSpecBuilder()
          .addVolumes(
              Volume.newBuilder()
                  .setName("of-" + claim)
                  .setVolumeSource(
                      VolumeSource.newBuilder()
                          .setPersistentVolumeClaim(
                              PersistentVolumeClaimVolumeSource.newBuilder().setClaimName(claim))));
    }
    return changed.build();
  }

  public static StorageClass storageClass(String name, String provisioner, boolean waits) {
    StorageClass.Builder made =
        StorageClass.newBuilder()
            .setProvisioner(provisioner)
            .setVolumeBindingMode(waits ? "WaitForFirstConsumer" : "Immediate");
    made.getMetadataBuilder().setName(name);
    return made.build();
  }

  public static PersistentVolumeClaim claim(String name, String className, String size) {
    PersistentVolumeClaim.Builder claim = PersistentVolumeClaim.newBuilder();
    claim.getMetadataBuilder().setNamespace(NAMESPACE).setName(name).setUid("uid-of-" + name);
    claim.getSpecBuilder().setStorageClassName(className).addAccessModes("ReadWriteOnce");
    claim.getSpecBuilder().getResourcesBuilder().putRequests("storage", Quantities.of(size));
    claim.getStatusBuilder().setPhase("Pending");
    return claim.build();
  }

  public static PersistentVolumeClaim bound(PersistentVolumeClaim claim, String volume) {
    PersistentVolumeClaim.Builder has = claim.toBuilder();
    has.getMetadataBuilder().putAnnotations(VolumeMarks.BIND_COMPLETED, "yes");
    has.getSpecBuilder().setVolumeName(volume);
    has.getStatusBuilder().setPhase("Bound");
    return has.build();
  }

  public static PersistentVolumeClaim selected(PersistentVolumeClaim claim, String node) {
    PersistentVolumeClaim.Builder chosen = claim.toBuilder();
    chosen.getMetadataBuilder().putAnnotations(VolumeMarks.SELECTED_NODE, node);
    return chosen.build();
  }

  /// A free one that only the node reaches.
  public static PersistentVolume volume(String name, String className, String size, String node) {
    PersistentVolume.Builder volume = PersistentVolume.newBuilder();
    volume.getMetadataBuilder().setName(name);
    volume
        .getSpecBuilder()
        .setStorageClassName(className)
        .addAccessModes("ReadWriteOnce")
        .putCapacity("storage", Quantities.of(size))
        .getNodeAffinityBuilder()
        .getRequiredBuilder()
        .addNodeSelectorTerms(
            NodeSelectorTerm.newBuilder()
                .addMatchExpressions(
                    NodeSelectorRequirement.newBuilder()
                        .setKey("kubernetes.io/hostname")
                        .setOperator("In")
                        .addValues(node)));
    volume.getStatusBuilder().setPhase("Available");
    return volume.build();
  }
}
