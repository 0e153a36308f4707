package io.coxswain.node.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// The mount table of the agent's mount namespace. Safe for use by many threads; calls are short.
public interface Mounts {

  enum Flag {
    READ_ONLY,
    NO_SUID,
    NO_EXEC,
    NO_DEV,
    NO_ATIME
  }

  /// One line of the table.
  ///
  /// @param root the folder of the mounted file system that stands at `target`
  /// @param options of the mount and of its file system, joined by commas
  record MountPoint(int id, String root, Path target, String type, String source, String options) {}

  /// Mounts a file system, as `mount -t type -o data source target`. `target` must be there.
  ///
  /// @param data options that the file system itself reads, as `size=64k,mode=0755`
  void mount(String source, Path target, String type, Set<Flag> flags, String data)
      throws IOException;

  /// Makes `source` appear at `target`; with `recursive` also what is mounted below it. `target`
  /// must be of the same sort, a file or a folder.
  ///
  /// @param flags of the new place only; set by a remount
  void bind(Path source, Path target, boolean recursive, Set<Flag> flags) throws IOException;

  /// Makes `source` appear at `target` with the owners that its files have in a user namespace:
  /// what belongs to root belongs there to the namespace's root. `target` must be of the same sort,
  /// a file or a folder.
  ///
  /// @param recursive whether what is mounted below it appears, too: as it is
  /// @param readOnly whether it, and not what is mounted below it, can only be read
  /// @throws SystemCallException with EINVAL when the file system cannot do it
  void bindMapped(Path source, Path target, boolean recursive, boolean readOnly, UserRange users)
      throws IOException;

  /// Keeps later mounts at and below `target` from spreading to other mount namespaces.
  void makePrivate(Path target) throws IOException;

  /// Has what is mounted at and below `folder` from now on appear in all mount namespaces that have
  /// the folder, whoever mounts it (mount_namespaces(7)). Unless the mount that the folder is in is
  /// shared so already, the folder is mounted onto itself.
  ///
  /// @return whether it was mounted
  boolean share(Path folder) throws IOException;

  /// Takes away the topmost mount at `target`, at once for new users and later for those who have
  /// it open. Nothing mounted there, or no such place, is fine.
  void unmount(Path target) throws IOException;

  /// The table in the order of mounting.
  List<MountPoint> list() throws IOException;

  default boolean isMounted(Path target) throws IOException {
    Path absolute = target.toAbsolutePath().normalize();
    return list().stream().anyMatch(point -> point.target().equals(absolute));
  }

  /// Takes away everything that is mounted at or below `folder`, the last first.
  default void unmountBelow(Path folder) throws IOException {
    Path absolute = folder.toAbsolutePath().normalize();
    for (MountPoint point : list().reversed()) {
      if (point.target().startsWith(absolute)) {
        unmount(point.target());
      }
    }
  }
}
