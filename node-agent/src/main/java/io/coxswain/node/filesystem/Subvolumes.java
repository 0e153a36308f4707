package io.coxswain.node.filesystem;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Set;

/// Subvolumes of Btrfs whose quota group bounds what they refer to (btrfs-subvolume(8),
/// btrfs-qgroup(8)).
final class Subvolumes {

  private static final long BTRFS_IOC_SUBVOL_CREATE = 0x5000940eL;
  private static final long BTRFS_IOC_SNAP_DESTROY = 0x5000940fL;
  private static final long BTRFS_IOC_QGROUP_LIMIT = 0x8030942bL;
  private static final long BTRFS_QGROUP_LIMIT_MAX_RFER = 1;

  /// The inode of each subvolume's root.
  private static final long ROOT_INODE = 256;

  private static final int NAME_AT = 8;
  private static final int ARGUMENT_BYTES = 4096;
  private static final int ENOTCONN = 107;

  /// What kernels say where quotas are not enabled.
  private static final Set<Integer> NO_QUOTAS =
      Set.of(ErrnoException.EINVAL, ErrnoException.ENOENT, ErrnoException.ENOTSUP, ENOTCONN);

  private Subvolumes() {}

  /// Whether folders of this one may be subvolumes.
  static boolean mayBeIn(Path parent) throws IOException {
    return Files.getFileStore(parent).type().equals("btrfs");
  }

  static boolean isOne(Path folder) throws IOException {
    // the file system's name is looked up among all mounts, so it comes last
    return (long) Files.getAttribute(folder, "unix:ino", LinkOption.NOFOLLOW_LINKS) == ROOT_INODE
        && mayBeIn(folder);
  }

  /// @return false where quotas are not enabled; nothing is made then
  static boolean make(Path folder, long bytes) throws IOException {
    inParent(folder, BTRFS_IOC_SUBVOL_CREATE);
    try {
      if (resize(folder, bytes)) {
        return true;
      }
    } catch (IOException e) {
      inParent(folder, BTRFS_IOC_SNAP_DESTROY);
      throw e;
    }
    inParent(folder, BTRFS_IOC_SNAP_DESTROY);
    return false;
  }

  /// @return false where quotas are not enabled
  static boolean resize(Path folder, long bytes) throws IOException {
    int descriptor = LinuxFiles.openFolder(folder);
    try (Arena arena = Arena.ofConfined()) {
      // the group (0: of this subvolume); which limits count, the most it refers to, three others
      MemorySegment limit = arena.allocate(JAVA_LONG, 6);
      limit.setAtIndex(JAVA_LONG, 1, BTRFS_QGROUP_LIMIT_MAX_RFER);
      limit.setAtIndex(JAVA_LONG, 2, bytes);
      LinuxFiles.ioctl(descriptor, BTRFS_IOC_QGROUP_LIMIT, limit);
      return true;
    } catch (ErrnoException e) {
      if (NO_QUOTAS.contains(e.errno())) {
        return false;
      }
      throw e;
    } finally {
      LinuxFiles.close(descriptor);
    }
  }

  /// With all that is in it. The kernel drops both in the background, and newer ones (about 6.10)
  /// its quota group as well, which none lets go of before.
  static void delete(Path folder) throws IOException {
    inParent(folder, BTRFS_IOC_SNAP_DESTROY);
  }

  /// Makes or destroys the subvolume of the folder's name.
  private static void inParent(Path folder, long request) throws IOException {
    int descriptor = LinuxFiles.openFolder(SizedFolders.parent(folder));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment named = arena.allocate(ARGUMENT_BYTES, 8);
      named.setString(NAME_AT, String.valueOf(folder.getFileName()));
      LinuxFiles.ioctl(descriptor, request, named);
    } finally {
      LinuxFiles.close(descriptor);
    }
  }
}
