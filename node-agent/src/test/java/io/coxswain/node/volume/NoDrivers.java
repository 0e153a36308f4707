package io.coxswain.node.volume;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Volume;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// A node without drivers.
final class NoDrivers implements DriverVolumes {

  @Override
  public Published publish(Pod pod, Volume volume, PersistentVolume persistent, boolean readOnly)
      throws VolumeException {
    throw new VolumeException("there are no drivers");
  }

  @Override
  public Published publish(Pod pod, Volume volume) throws VolumeException {
    throw new VolumeException("there are no drivers");
  }

  @Override
  public void grow(Pod pod, PersistentVolume persistent) throws VolumeException {
    throw new VolumeException("there are no drivers");
  }

  @Override
  public Instant dueAt(String podUid) {
    return Instant.MAX;
  }

  @Override
  public Optional<VolumeFigures> figures(String driver, String handle, Path path) {
    return Optional.empty();
  }

  @Override
  public void takeBack(String podUid) {}
}
