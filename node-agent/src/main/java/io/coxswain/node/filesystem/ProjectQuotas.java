package io.coxswain.node.filesystem;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Set;

/// Project quotas of ext4 and XFS: what belongs to one project, by a number that new files have
/// from their folder, takes no more than the project may (quotactl(2), ioctl_xfs_fsgetxattr(2)).
/// Such a folder's free space, as statfs(2) tells it, is what is left of the quota.
///
/// On ext4 a process with CAP_SYS_RESOURCE may write more; containers have it only when they ask.
final class ProjectQuotas {

  /// Numbers of projects that are taken here. Kubelet's begin at 1,048,577, those that people give
  /// are small.
  private static final int FIRST = 0x434f_0000;

  private static final int COUNT = 1 << 16;

  private static final long SYS_QUOTACTL_FD = 443;
  private static final int PROJECTS = 2;
  private static final int Q_GETQUOTA = 0x800007;
  private static final int Q_SETQUOTA = 0x800008;
  private static final int Q_XGETQSTAT = 0x5805;
  private static final int PROJECTS_ENFORCED = 1 << 5;
  private static final int QIF_BLIMITS = 1;
  private static final long BLOCK = 1024;

  private static final long FS_IOC_FSGETXATTR = 0x801c581fL;
  private static final long FS_IOC_FSSETXATTR = 0x401c5820L;
  private static final int FS_XFLAG_PROJINHERIT = 0x200;
  private static final int FSXATTR_BYTES = 28;
  private static final int PROJECT_AT = 12;

  private static final int ESRCH = 3;
  private static final int ENOTTY = 25;
  private static final int ENOSYS = 38;

  /// What a kernel or a file system says that keeps no such quotas.
  private static final Set<Integer> UNKNOWN =
      Set.of(ESRCH, ENOTTY, ENOSYS, ErrnoException.EINVAL, ErrnoException.ENOTSUP);

  private static final MethodHandle QUOTACTL_FD =
      LinuxFiles.systemCall(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);

  private ProjectQuotas() {}

  /// Has an empty folder be a project of its own that takes at most so many bytes.
  ///
  /// @return false where the file system keeps no such quotas; the folder is as it was
  static boolean bound(Path folder, long bytes) throws IOException {
    int descriptor = LinuxFiles.openFolder(folder);
    try (Arena arena = Arena.ofConfined()) {
      if (!isEnforced(descriptor, arena)) {
        return false;
      }
      int project = unused(descriptor, folder, arena);
      limit(descriptor, project, bytes, arena);
      MemorySegment attributes = attributes(descriptor, arena);
      attributes.set(JAVA_INT, 0, attributes.get(JAVA_INT, 0) | FS_XFLAG_PROJINHERIT);
      attributes.set(JAVA_INT, PROJECT_AT, project);
      LinuxFiles.ioctl(descriptor, FS_IOC_FSSETXATTR, attributes);
      return true;
    } finally {
      LinuxFiles.close(descriptor);
    }
  }

  /// @return false for folders that [#bound] did not bound, and where quotas are no longer enforced
  static boolean resize(Path folder, long bytes) throws IOException {
    int project = projectOf(folder);
    if (project == 0) {
      return false;
    }
    int descriptor = LinuxFiles.openFolder(folder);
    try (Arena arena = Arena.ofConfined()) {
      if (!isEnforced(descriptor, arena)) {
        return false;
      }
      limit(descriptor, project, bytes, arena);
      return true;
    } finally {
      LinuxFiles.close(descriptor);
    }
  }

  /// @return the number of the folder's project; 0 when [#bound] did not give it
  static int projectOf(Path folder) throws IOException {
    int descriptor = LinuxFiles.openFolder(folder);
    try (Arena arena = Arena.ofConfined()) {
      int project = attributes(descriptor, arena).get(JAVA_INT, PROJECT_AT);
      return project >= FIRST && project < FIRST + COUNT ? project : 0;
    } catch (ErrnoException e) {
      if (UNKNOWN.contains(e.errno())) {
        return 0;
      }
      throw e;
    } finally {
      LinuxFiles.close(descriptor);
    }
  }

  /// Forgets the bound of a project of which nothing is left; of 0, nothing.
  ///
  /// @param beside a folder of the same file system
  static void release(Path beside, int project) throws IOException {
    if (project == 0) {
      return;
    }
    int descriptor = LinuxFiles.openFolder(beside);
    try (Arena arena = Arena.ofConfined()) {
      limit(descriptor, project, 0, arena);
    } catch (ErrnoException e) {
      if (!UNKNOWN.contains(e.errno())) {
        throw e;
      }
    } finally {
      LinuxFiles.close(descriptor);
    }
  }

  private static MemorySegment attributes(int descriptor, Arena arena) throws IOException {
    MemorySegment attributes = arena.allocate(FSXATTR_BYTES, 4);
    LinuxFiles.ioctl(descriptor, FS_IOC_FSGETXATTR, attributes);
    return attributes;
  }

  private static boolean isEnforced(int descriptor, Arena arena) throws IOException {
    // struct fs_quota_stat: a version of one byte, then flags of two
    MemorySegment state = arena.allocate(256, 8);
    try {
      quotactl(descriptor, Q_XGETQSTAT, 0, state);
    } catch (ErrnoException e) {
      if (UNKNOWN.contains(e.errno())) {
        return false;
      }
      throw e;
    }
    return (state.get(JAVA_SHORT, 2) & PROJECTS_ENFORCED) != 0;
  }

  /// One that nobody on this file system uses. Looked for from a place that each folder has of its
  /// own, so that two agents that look at once do not find the same.
  private static int unused(int descriptor, Path folder, Arena arena) throws IOException {
    int from = Math.floorMod(folder.toAbsolutePath().hashCode(), COUNT);
    for (int i = 0; i < COUNT; i++) {
      int project = FIRST + (from + i) % COUNT;
      if (!isUsed(descriptor, project, arena)) {
        return project;
      }
    }
    throw new IOException("no project of this file system is free for " + folder);
  }

  private static boolean isUsed(int descriptor, int project, Arena arena) throws IOException {
    MemorySegment quota = dqblk(arena);
    try {
      quotactl(descriptor, Q_GETQUOTA, project, quota);
    } catch (ErrnoException e) {
      if (e.errno() == ErrnoException.ENOENT) {
        return false;
      }
      throw e;
    }
    // hard limit, soft limit, space, and the same of inodes
    for (int i = 0; i < 6; i++) {
      if (quota.getAtIndex(JAVA_LONG, i) != 0) {
        return true;
      }
    }
    return false;
  }

  /// @param bytes 0 for as many as there are
  private static void limit(int descriptor, int project, long bytes, Arena arena)
      throws IOException {
    MemorySegment quota = dqblk(arena);
    quota.setAtIndex(JAVA_LONG, 0, Math.ceilDiv(bytes, BLOCK));
    quota.set(JAVA_INT, 8 * JAVA_LONG.byteSize(), QIF_BLIMITS);
    quotactl(descriptor, Q_SETQUOTA, project, quota);
  }

  /// A struct if_dqblk: eight numbers, and which of them count.
  private static MemorySegment dqblk(Arena arena) {
    return arena.allocate(JAVA_LONG, 9);
  }

  private static void quotactl(int descriptor, int command, int project, MemorySegment data)
      throws IOException {
    LinuxFiles.call(
        "quotactl",
        "",
        (_, state) ->
            (long)
                QUOTACTL_FD.invokeExact(
                    state, SYS_QUOTACTL_FD, descriptor, command << 8 | PROJECTS, project, data));
  }
}
