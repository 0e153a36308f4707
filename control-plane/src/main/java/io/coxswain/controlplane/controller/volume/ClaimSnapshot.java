package io.coxswain.controlplane.controller.volume;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.volume.Claims;
import java.util.List;
import java.util.Optional;

/// What the next step for a claim depends on.
///
/// @param volumes all of the cluster
/// @param classes all of the cluster
/// @param unscheduled names of pods that use the claim and have no node yet
record ClaimSnapshot(
    PersistentVolumeClaim claim,
    List<PersistentVolume> volumes,
    List<StorageClass> classes,
    List<String> unscheduled) {

  ClaimSnapshot {
    volumes = List.copyOf(volumes);
    classes = List.copyOf(classes);
    unscheduled = List.copyOf(unscheduled);
  }

  Optional<PersistentVolume> volume(String name) {
    return volumes.stream().filter(one -> one.getMetadata().getName().equals(name)).findFirst();
  }

  /// The class that the claim names, if there is one of that name.
  Optional<StorageClass> storageClass() {
    String name = Claims.className(claim);
    return classes.stream().filter(one -> one.getMetadata().getName().equals(name)).findFirst();
  }
}
