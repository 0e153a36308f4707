package io.coxswain.scheduler.snapshot;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.storage.v1.CSIDriver;
import io.coxswain.api.storage.v1.CSINode;
import io.coxswain.api.storage.v1.CSIStorageCapacity;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.api.storage.v1.VolumeAttachment;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Claims, volumes, classes and drivers as heard of, and choices as made. Part of [ClusterCache],
/// whose lock it is used under.
final class StorageCache {

  private final Map<ObjectKey, PersistentVolumeClaim> claims = new HashMap<>();
  private final Map<String, PersistentVolume> volumes = new HashMap<>();
  private final Map<String, StorageClass> classes = new HashMap<>();
  private final Map<String, CSIDriver> drivers = new HashMap<>();
  private final Map<String, CSINode> nodes = new HashMap<>();
  private final Map<ObjectKey, CSIStorageCapacity> capacities = new HashMap<>();
  private final Map<String, VolumeAttachment> attachments = new HashMap<>();
  private final Map<String, Map<ObjectKey, VolumeChoice>> choicesByPod = new HashMap<>();
  private @Nullable Storage last;

  void put(ObjectKey key, PersistentVolumeClaim claim) {
    claims.put(key, claim);
    last = null;
  }

  void removeClaim(ObjectKey key) {
    claims.remove(key);
    last = null;
  }

  void put(PersistentVolume volume) {
    volumes.put(volume.getMetadata().getName(), volume);
    last = null;
  }

  void removeVolume(String name) {
    volumes.remove(name);
    last = null;
  }

  void put(StorageClass one) {
    classes.put(one.getMetadata().getName(), one);
    last = null;
  }

  void removeClass(String name) {
    classes.remove(name);
    last = null;
  }

  void put(CSIDriver driver) {
    drivers.put(driver.getMetadata().getName(), driver);
    last = null;
  }

  void removeDriver(String name) {
    drivers.remove(name);
    last = null;
  }

  void put(CSINode node) {
    nodes.put(node.getMetadata().getName(), node);
    last = null;
  }

  void removeNode(String name) {
    nodes.remove(name);
    last = null;
  }

  void put(CSIStorageCapacity capacity) {
    capacities.put(ObjectMetas.key(capacity), capacity);
    last = null;
  }

  void removeCapacity(ObjectKey key) {
    capacities.remove(key);
    last = null;
  }

  void put(VolumeAttachment attachment) {
    attachments.put(attachment.getMetadata().getName(), attachment);
    last = null;
  }

  void removeAttachment(String name) {
    attachments.remove(name);
    last = null;
  }

  Optional<PersistentVolumeClaim> claim(ObjectKey key) {
    return Optional.ofNullable(claims.get(key));
  }

  void choose(String podUid, Map<ObjectKey, VolumeChoice> choices) {
    choicesByPod.put(podUid, choices);
    last = null;
  }

  /// @return whether there was a choice
  boolean forget(String podUid) {
    boolean was = choicesByPod.remove(podUid) != null;
    if (was) {
      last = null;
    }
    return was;
  }

  Storage snapshot() {
    if (last == null) {
      Map<ObjectKey, VolumeChoice> choices = new HashMap<>();
      choicesByPod.values().forEach(choices::putAll);
      last =
          new Storage(
              claims,
              volumes,
              classes,
              choices,
              new DriverStorage(drivers, nodes, capacities, attachments));
    }
    return last;
  }
}
