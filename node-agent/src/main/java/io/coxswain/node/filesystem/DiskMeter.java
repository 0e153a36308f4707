package io.coxswain.node.filesystem;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Measures what folders take of their file systems, as du(1) does: whole blocks, files with
/// several names once, nothing on other file systems, no links followed. Names stay bytes: nothing
/// that a container writes can be read wrongly. Blocks its thread, a virtual one with its carrier:
/// not for the threads of pods.
///
/// Java's own walk knows sizes and no blocks, and a sparse file of a terabyte would cost a pod its
/// life.
public final class DiskMeter {

  private static final int BUFFER = 32 << 10;

  /// Deeper folders are not looked into: each level holds a descriptor.
  private static final int MAX_DEPTH = 200;

  /// Files with several names are remembered up to here; more of them count nothing.
  private static final int MAX_LINKS = 200_000;

  private static final int STATX_MODE_NLINK_INO_BLOCKS = 0x2 | 0x4 | 0x100 | 0x400 | 0x1;
  private static final int AT_NO_AUTOMOUNT = 0x800;
  private static final long BLOCK = 512;

  // offsets in struct linux_dirent64 and struct statx, the same on all architectures
  private static final long DIRENT_LENGTH = 16;
  private static final long DIRENT_NAME = 19;
  private static final long STATX_BYTES = 256;
  private static final long STATX_NLINK = 16;
  private static final long STATX_MODE = 28;
  private static final long STATX_INO = 32;
  private static final long STATX_BLOCKS = 48;
  private static final long STATX_DEVICE = 136;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle OPENAT =
      handle("openat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle GETDENTS =
      handle("getdents64", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle STATX =
      handle("statx", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle STATVFS = handle("statvfs", JAVA_INT, ADDRESS, ADDRESS);

  private final Arena arena;
  private final MemorySegment found;
  private final List<MemorySegment> buffers = new ArrayList<>();
  private final Set<Long> linked = new HashSet<>();
  private long device;
  private long blocks;
  private long inodes;

  private DiskMeter(Arena arena) {
    this.arena = arena;
    this.found = arena.allocate(STATX_BYTES, 8);
  }

  /// What the folder and all below it take; nothing when it is not there. What comes and goes
  /// meanwhile may count or not.
  public static DiskUse use(Path folder) {
    try (Arena arena = Arena.ofConfined()) {
      DiskMeter meter = new DiskMeter(arena);
      MemorySegment name = arena.allocateFrom(folder.toString());
      if (!meter.look(LinuxFiles.AT_FDCWD, name)) {
        return DiskUse.NONE;
      }
      meter.device = meter.found.get(JAVA_LONG, STATX_DEVICE);
      meter.count(LinuxFiles.AT_FDCWD, name, 0);
      return new DiskUse(meter.blocks * BLOCK, meter.inodes);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new LinkageError("measuring " + folder, e);
    }
  }

  /// How full the file system is that the path is on.
  ///
  /// @throws IOException when there is no such path
  public static FileSystemSpace space(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      DiskMeter meter = new DiskMeter(arena);
      MemorySegment name = arena.allocateFrom(path.toString());
      // struct statvfs of the 64-bit ABIs: longs f_bsize, f_frsize, f_blocks, f_bfree, f_bavail,
      // f_files, f_ffree, ...
      MemorySegment space = arena.allocate(256, 8);
      if (!meter.look(LinuxFiles.AT_FDCWD, name) || (int) STATVFS.invokeExact(name, space) != 0) {
        throw new IOException("the file system of " + path + " does not say how full it is");
      }
      long unit = space.getAtIndex(JAVA_LONG, 1);
      return new FileSystemSpace(
          meter.found.get(JAVA_LONG, STATX_DEVICE),
          space.getAtIndex(JAVA_LONG, 2) * unit,
          space.getAtIndex(JAVA_LONG, 3) * unit,
          space.getAtIndex(JAVA_LONG, 4) * unit,
          space.getAtIndex(JAVA_LONG, 5),
          space.getAtIndex(JAVA_LONG, 6));
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new LinkageError("asking for the space of " + path, e);
    }
  }

  private boolean look(int directory, MemorySegment name) throws Throwable {
    int flags = LinuxFiles.AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
    return (int) STATX.invokeExact(directory, name, flags, STATX_MODE_NLINK_INO_BLOCKS, found) == 0;
  }

  /// Counts what [#look] found, and what is below it.
  private void count(int directory, MemorySegment name, int depth) throws Throwable {
    boolean folder = FileType.of(found.get(JAVA_SHORT, STATX_MODE)) == FileType.FOLDER;
    if (!folder && found.get(JAVA_INT, STATX_NLINK) > 1) {
      if (linked.size() >= MAX_LINKS || !linked.add(found.get(JAVA_LONG, STATX_INO))) {
        return;
      }
    }
    if (found.get(JAVA_LONG, STATX_DEVICE) != device) {
      return;
    }
    blocks += found.get(JAVA_LONG, STATX_BLOCKS);
    inodes++;
    if (!folder || depth >= MAX_DEPTH) {
      return;
    }
    int flags = LinuxFiles.O_DIRECTORY | LinuxFiles.O_NOFOLLOW | LinuxFiles.O_CLOEXEC;
    int inner = (int) OPENAT.invokeExact(directory, name, flags);
    if (inner >= 0) {
      try {
        children(inner, depth);
      } finally {
        LinuxFiles.close(inner);
      }
    }
  }

  private void children(int directory, int depth) throws Throwable {
    if (buffers.size() <= depth) {
      buffers.add(arena.allocate(BUFFER, 8));
    }
    MemorySegment buffer = buffers.get(depth);
    for (long length = list(directory, buffer); length > 0; length = list(directory, buffer)) {
      long at = 0;
      while (at < length) {
        MemorySegment name = buffer.asSlice(at + DIRENT_NAME);
        if (!isDots(name) && look(directory, name)) {
          count(directory, name, depth + 1);
        }
        at += Short.toUnsignedInt(buffer.get(JAVA_SHORT, at + DIRENT_LENGTH));
      }
    }
  }

  private static long list(int directory, MemorySegment buffer) throws Throwable {
    return (long) GETDENTS.invokeExact(directory, buffer, (long) BUFFER);
  }

  private static boolean isDots(MemorySegment name) {
    if (name.get(JAVA_BYTE, 0) != '.') {
      return false;
    }
    byte second = name.get(JAVA_BYTE, 1);
    return second == 0 || (second == '.' && name.get(JAVA_BYTE, 2) == 0);
  }

  // The agent runs with --enable-native-access: calling the kernel is what this class is for.
  @SuppressWarnings("restricted")
  private static MethodHandle handle(String name, MemoryLayout result, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments));
  }
}
