package io.coxswain.node.runtime;

import io.coxswain.node.host.Errno;
import io.coxswain.node.host.Mounts;
import io.coxswain.node.host.SystemCallException;
import io.coxswain.node.host.UserRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The volumes of a container whose users are none of the node's, as theirs: what belongs to root
/// on the disk belongs to the container's root, and the other way round. The runtimes that are to
/// be had cannot do that, so it is done before they bind a volume, at a place that is there only
/// until the container is made.
final class MappedMounts {

  private final Path folder;
  private final Mounts mounts;

  /// @param folder for these places
  MappedMounts(Path folder, Mounts mounts) {
    this.folder = folder;
    this.mounts = mounts;
  }

  /// The same mounts, from other places where the users are others.
  List<BindMount> of(String container, List<BindMount> plain, UserRange users) throws IOException {
    if (!users.isOwn() || plain.isEmpty()) {
      return plain;
    }
    clear(container);
    Path places = Files.createDirectories(folder.resolve(container));
    List<BindMount> mapped = new ArrayList<>();
    for (BindMount mount : plain) {
      Path place = places.resolve("" + mapped.size());
      if (Files.isDirectory(mount.source())) {
        Files.createDirectory(place);
      } else {
        Files.createFile(place);
      }
      mapped.add(bind(mount, place, users));
    }
    return mapped;
  }

  private BindMount bind(BindMount mount, Path place, UserRange users) throws IOException {
    try {
      mounts.bindMapped(mount.source(), place, true, false, users);
      return mount.from(place);
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EINVAL) {
        throw e;
      }
      if (mount.readOnly()) {
        return mount; // seen as somebody else's: what all may read, it may
      }
      throw new IOException(
          "the volume at %s cannot be given to the pod's own users: its file system has no idmapped mounts (`hostUsers: false` needs ext4, xfs, btrfs or tmpfs)"
              .formatted(mount.target()),
          e);
    }
  }

  /// Never deletes what is in a volume: should a mount stay, this fails. Nothing there is fine.
  void clear(String container) throws IOException {
    Path places = folder.resolve(container);
    if (!Files.isDirectory(places)) {
      return;
    }
    List<Path> all = DiskState.children(places);
    for (Path place : all) {
      mounts.unmount(place); // with what is mounted below it, which may be another place
    }
    for (Path place : all) {
      Files.delete(place);
    }
    Files.delete(places);
  }
}
