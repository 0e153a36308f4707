package io.coxswain.scheduler.snapshot;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.ObjectKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Claims, volumes and classes as heard of, and choices as made. Part of [ClusterCache], whose lock
/// it is used under.
final class StorageCache {

  private final Map<ObjectKey, PersistentVolumeClaim> claims = new HashMap<>();
  private final Map<String, PersistentVolume> volumes = new HashMap<>();
  private final Map<String, StorageClass> classes = new HashMap<>();
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
      last = new Storage(claims, volumes, classes, choices);
    }
    return last;
  }
}
