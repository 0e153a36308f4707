package io.coxswain.node.volume;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// The volumes that programs of vendors provide (CSI). Idempotent. Blocks on them and on the API.
public interface DriverVolumes {

  /// A volume that is where the pod's containers can have it.
  ///
  /// @param path a folder, or the file of a block device where the volume's mode is that
  /// @param shared whether it is on the agent to give it to the pod's group
  record Published(Path path, boolean readOnly, boolean shared) {}

  /// @param readOnly whether the pod may only read it
  Published publish(Pod pod, Volume volume, PersistentVolume persistent, boolean readOnly)
      throws VolumeException, IOException, InterruptedException;

  /// A volume that is there as long as the pod, which names the driver itself.
  Published publish(Pod pod, Volume volume)
      throws VolumeException, IOException, InterruptedException;

  /// Has the driver make use of what a volume of the pod has grown by, on this node. Where there is
  /// nothing to be done here, that is done.
  ///
  /// @throws InfeasibleException when the driver says that it never will
  /// @throws VolumeException when it has not grown
  /// @throws IOException when it may still be growing
  void grow(Pod pod, PersistentVolume persistent)
      throws VolumeException, IOException, InterruptedException;

  /// When [#publish] has to be asked again for volumes that the pod has.
  Instant dueAt(String podUid);

  /// What the driver tells of the room in a volume that a pod has at a path, and of how it is;
  /// nothing when it tells nothing, or is not there. Blocks for two minutes at most.
  ///
  /// @throws IOException when it fails
  Optional<VolumeFigures> figures(String driver, String handle, Path path) throws IOException;

  /// Takes back what the pod has.
  ///
  /// @throws IOException when a driver does not do its part now; to be tried again
  void takeBack(String podUid) throws IOException, InterruptedException;
}
