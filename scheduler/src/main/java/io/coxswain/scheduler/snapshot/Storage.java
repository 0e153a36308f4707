package io.coxswain.scheduler.snapshot;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.ObjectKey;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Claims, volumes and classes at one moment, with what was decided about claims and not yet heard
/// of. Immutable.
///
/// @param volumes by name
/// @param classes by name
/// @param choices for claims of pods that are on their way to their node
/// @param drivers who provides volumes
public record Storage(
    Map<ObjectKey, PersistentVolumeClaim> claims,
    Map<String, PersistentVolume> volumes,
    Map<String, StorageClass> classes,
    Map<ObjectKey, VolumeChoice> choices,
    DriverStorage drivers) {

  public static final Storage NONE =
      new Storage(Map.of(), Map.of(), Map.of(), Map.of(), DriverStorage.NONE);

  public Storage {
    claims = Map.copyOf(claims);
    volumes = Map.copyOf(volumes);
    classes = Map.copyOf(classes);
    choices = Map.copyOf(choices);
  }

  public Optional<PersistentVolumeClaim> claim(ObjectKey key) {
    return Optional.ofNullable(claims.get(key));
  }

  /// Names of volumes that were promised to claims and do not say so yet.
  public Set<String> promised() {
    return choices.values().stream()
        .flatMap(choice -> choice.volume().stream())
        .collect(Collectors.toSet());
  }
}
