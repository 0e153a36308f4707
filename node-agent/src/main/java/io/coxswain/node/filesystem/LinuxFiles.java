package io.coxswain.node.filesystem;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;

/// The `*at` family of file system calls on x86-64 and arm64 (man-pages section 2). Descriptors are
/// plain ints that the caller closes. Every call blocks its thread, a virtual one with its carrier.
public final class LinuxFiles {

  public static final int AT_FDCWD = -100;
  public static final int AT_SYMLINK_NOFOLLOW = 0x100;
  public static final int AT_REMOVEDIR = 0x200;
  public static final int AT_EMPTY_PATH = 0x1000;

  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_CREAT = 0x40;
  public static final int O_EXCL = 0x80;
  public static final int O_NONBLOCK = 0x800;
  public static final int O_CLOEXEC = 0x80000;
  public static final int O_PATH = 0x200000;
  // these two differ between the architectures
  public static final int O_DIRECTORY = arm() ? 0x4000 : 0x10000;
  public static final int O_NOFOLLOW = arm() ? 0x8000 : 0x20000;

  /// openat2: no component may be a link into another process (`/proc/1/root`).
  public static final long RESOLVE_NO_MAGICLINKS = 0x02;

  /// openat2: no component, nor the last, may be a symbolic link.
  public static final long RESOLVE_NO_SYMLINKS = 0x04;

  /// openat2: the directory given is `/` for `..` and absolute links alike.
  public static final long RESOLVE_IN_ROOT = 0x10;

  private static final int SYS_OPENAT2 = 437;

  /// ioctl_iflags(2), of which the kernel reads and writes four bytes.
  private static final long FS_IOC_GETFLAGS = 0x80086601L;

  private static final long FS_IOC_SETFLAGS = 0x40086602L;
  private static final int FS_TOPDIR_FL = 0x20000;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle OPENAT2 = openat2();
  private static final MethodHandle IOCTL = ioctl();
  private static final MethodHandle CLOSE = handle("close", JAVA_INT);
  private static final MethodHandle FCHMOD = handle("fchmod", JAVA_INT, JAVA_INT);
  private static final MethodHandle FCHMODAT =
      handle("fchmodat", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle FCHOWN = handle("fchown", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle FCHOWNAT =
      handle("fchownat", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle FSETXATTR =
      handle("fsetxattr", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle FSYNC = handle("fsync", JAVA_INT);
  private static final MethodHandle FTRUNCATE = handle("ftruncate", JAVA_INT, JAVA_LONG);
  private static final MethodHandle LINKAT =
      handle("linkat", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle MKDIRAT = handle("mkdirat", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle MKNODAT =
      handle("mknodat", JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);
  private static final MethodHandle SYMLINKAT = handle("symlinkat", ADDRESS, JAVA_INT, ADDRESS);
  private static final MethodHandle SYNCFS = handle("syncfs", JAVA_INT);
  private static final MethodHandle UNLINKAT = handle("unlinkat", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle UTIMENSAT =
      handle("utimensat", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle PWRITE =
      longHandle("pwrite", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle READLINKAT =
      longHandle("readlinkat", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);

  private LinuxFiles() {}

  /// Opens without leaving `directory` as `resolve` says.
  ///
  /// @param mode permission bits of a file that is created, else 0
  /// @param resolve RESOLVE flags
  /// @return a descriptor, close-on-exec
  public static int open(int directory, String path, int flags, int mode, long resolve)
      throws IOException {
    return (int)
        call(
            "open",
            path,
            (arena, state) -> {
              MemorySegment how = arena.allocate(JAVA_LONG, 3);
              how.setAtIndex(JAVA_LONG, 0, flags | O_CLOEXEC);
              how.setAtIndex(JAVA_LONG, 1, mode);
              how.setAtIndex(JAVA_LONG, 2, resolve);
              return (long)
                  OPENAT2.invokeExact(
                      state, (long) SYS_OPENAT2, directory, arena.allocateFrom(path), how, 24L);
            });
  }

  /// A descriptor to resolve other paths from.
  public static int openDirectory(String path) throws IOException {
    return open(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0, 0);
  }

  /// A folder itself, and not where a link of its name leads, open for reading.
  static int openFolder(Path folder) throws IOException {
    return open(AT_FDCWD, folder.toString(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, 0);
  }

  /// Never fails visibly: a descriptor is gone afterwards whatever close answers.
  public static void close(int descriptor) {
    try {
      call("close", "", (arena, state) -> (int) CLOSE.invokeExact(state, descriptor));
    } catch (IOException e) {
      // data that mattered was synced before, so there is nothing left to lose here
    }
  }

  public static void makeDirectory(int directory, String name, int mode) throws IOException {
    call(
        "mkdir",
        name,
        (arena, state) ->
            (int) MKDIRAT.invokeExact(state, directory, arena.allocateFrom(name), mode));
  }

  /// @param type any but a folder and a link
  /// @param device major and minor number as makedev(3) has them, where it is one
  public static void makeNode(
      int directory, String name, FileType type, int permissions, long device) throws IOException {
    int mode = type.bits() | permissions;
    call(
        "mknod",
        name,
        (arena, state) ->
            (int) MKNODAT.invokeExact(state, directory, arena.allocateFrom(name), mode, device));
  }

  public static void makeSymbolicLink(String target, int directory, String name)
      throws IOException {
    call(
        "symlink",
        name,
        (arena, state) ->
            (int)
                SYMLINKAT.invokeExact(
                    state, arena.allocateFrom(target), directory, arena.allocateFrom(name)));
  }

  /// A hard link to what `from` names itself, be it a symbolic link.
  public static void makeHardLink(int fromDirectory, String from, int directory, String name)
      throws IOException {
    call(
        "link",
        name,
        (arena, state) ->
            (int)
                LINKAT.invokeExact(
                    state,
                    fromDirectory,
                    arena.allocateFrom(from),
                    directory,
                    arena.allocateFrom(name),
                    0));
  }

  /// @param flags AT_REMOVEDIR for an empty directory, else 0
  public static void remove(int directory, String name, int flags) throws IOException {
    call(
        "remove",
        name,
        (arena, state) ->
            (int) UNLINKAT.invokeExact(state, directory, arena.allocateFrom(name), flags));
  }

  /// The text of a symbolic link.
  public static String readLink(int directory, String name) throws IOException {
    byte[][] text = new byte[1][];
    call(
        "readlink",
        name,
        (arena, state) -> {
          MemorySegment buffer = arena.allocate(4096);
          long length =
              (long)
                  READLINKAT.invokeExact(
                      state, directory, arena.allocateFrom(name), buffer, buffer.byteSize());
          if (length >= 0) {
            text[0] = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
          }
          return length;
        });
    return new String(text[0], StandardCharsets.UTF_8);
  }

  public static void changeMode(int descriptor, int mode) throws IOException {
    call("chmod", "", (arena, state) -> (int) FCHMOD.invokeExact(state, descriptor, mode));
  }

  /// Follows a link: only for a name that is known to be none.
  public static void changeMode(int directory, String name, int mode) throws IOException {
    call(
        "chmod",
        name,
        (arena, state) ->
            (int) FCHMODAT.invokeExact(state, directory, arena.allocateFrom(name), mode, 0));
  }

  public static void changeOwner(int descriptor, int user, int group) throws IOException {
    call("chown", "", (arena, state) -> (int) FCHOWN.invokeExact(state, descriptor, user, group));
  }

  /// Of the name itself, be it a symbolic link.
  public static void changeOwner(int directory, String name, int user, int group)
      throws IOException {
    call(
        "chown",
        name,
        (arena, state) ->
            (int)
                FCHOWNAT.invokeExact(
                    state, directory, arena.allocateFrom(name), user, group, AT_SYMLINK_NOFOLLOW));
  }

  public static void setAttribute(int descriptor, String name, byte[] value) throws IOException {
    call(
        "setxattr",
        name,
        (arena, state) ->
            (int)
                FSETXATTR.invokeExact(
                    state,
                    descriptor,
                    arena.allocateFrom(name),
                    arena.allocateFrom(ValueLayout.JAVA_BYTE, value),
                    (long) value.length,
                    0));
  }

  /// Sets access and modification time of the name itself, be it a symbolic link.
  public static void setTime(int directory, String name, Instant time) throws IOException {
    call(
        "utimensat",
        name,
        (arena, state) -> {
          MemorySegment times = arena.allocate(JAVA_LONG, 4);
          for (int i = 0; i < 4; i += 2) {
            times.setAtIndex(JAVA_LONG, i, time.getEpochSecond());
            times.setAtIndex(JAVA_LONG, i + 1, time.getNano());
          }
          return (int)
              UTIMENSAT.invokeExact(
                  state, directory, arena.allocateFrom(name), times, AT_SYMLINK_NOFOLLOW);
        });
  }

  /// Writes all of `length` bytes at `offset` of the file.
  public static void write(int descriptor, MemorySegment bytes, long length, long offset)
      throws IOException {
    long done = 0;
    while (done < length) {
      long from = done;
      done +=
          call(
              "write",
              "",
              (arena, state) ->
                  (long)
                      PWRITE.invokeExact(
                          state, descriptor, bytes.asSlice(from), length - from, offset + from));
    }
  }

  public static void truncate(int descriptor, long length) throws IOException {
    call("ftruncate", "", (arena, state) -> (int) FTRUNCATE.invokeExact(state, descriptor, length));
  }

  public static void sync(int descriptor) throws IOException {
    call("fsync", "", (arena, state) -> (int) FSYNC.invokeExact(state, descriptor));
  }

  /// Waits until everything written to the file system of `descriptor` is on disk.
  public static void syncFileSystem(int descriptor) throws IOException {
    call("syncfs", "", (arena, state) -> (int) SYNCFS.invokeExact(state, descriptor));
  }

  /// Has folders that are made in this one stand apart on the disk, as those in `/home` do (`T` of
  /// chattr(1)). ext4 puts a folder's files near it, and looks at each place there that became free
  /// in the last minutes before it takes another one: where trees of files come and go side by
  /// side, making one file costs hundreds of microseconds. Where the file system knows no such
  /// flag, or does not let it be set, nothing changes.
  public static void spreadFolders(Path folder) throws IOException {
    int descriptor = open(AT_FDCWD, folder.toString(), O_RDONLY | O_DIRECTORY, 0, 0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment flags = arena.allocate(JAVA_LONG);
      ioctl(descriptor, FS_IOC_GETFLAGS, flags);
      int spread = flags.get(JAVA_INT, 0) | FS_TOPDIR_FL;
      if (flags.get(JAVA_INT, 0) != spread) {
        flags.set(JAVA_INT, 0, spread);
        ioctl(descriptor, FS_IOC_SETFLAGS, flags);
      }
    } catch (ErrnoException e) {
      // it only makes things quicker
    } finally {
      close(descriptor);
    }
  }

  /// @param argument what the kernel reads, or writes
  static void ioctl(int descriptor, long request, MemorySegment argument) throws IOException {
    call(
        "ioctl",
        "",
        (arena, state) -> (int) IOCTL.invokeExact(state, descriptor, request, argument));
  }

  static boolean arm() {
    return System.getProperty("os.arch", "").equals("aarch64");
  }

  interface NativeCall {
    long invoke(Arena arena, MemorySegment state) throws Throwable;
  }

  static long call(String what, String path, NativeCall call) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      while (true) {
        long result = call.invoke(arena, state);
        if (result >= 0) {
          return result;
        }
        int errno = (int) ERRNO.get(state, 0L);
        if (errno != 4) { // EINTR: asked again
          throw new ErrnoException(what, path, errno);
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new LinkageError("calling " + what, e);
    }
  }

  private static MethodHandle openat2() {
    return systemCall(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
  }

  /// One that the C library has no function for; its number comes first.
  // The agent runs with --enable-native-access: calling the kernel is what this class is for.
  @SuppressWarnings("restricted")
  static MethodHandle systemCall(MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow("syscall"),
        FunctionDescriptor.of(JAVA_LONG, JAVA_LONG).appendArgumentLayouts(arguments),
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(1));
  }

  // The agent runs with --enable-native-access: calling the kernel is what this class is for.
  @SuppressWarnings("restricted")
  private static MethodHandle ioctl() {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow("ioctl"),
        FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(2));
  }

  static MethodHandle handle(String name, MemoryLayout... arguments) {
    return handle(name, JAVA_INT, arguments);
  }

  static MethodHandle longHandle(String name, MemoryLayout... arguments) {
    return handle(name, JAVA_LONG, arguments);
  }

  // The agent runs with --enable-native-access: calling the kernel is what this class is for.
  @SuppressWarnings("restricted")
  private static MethodHandle handle(String name, MemoryLayout result, MemoryLayout[] arguments) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(result, arguments),
        Linker.Option.captureCallState("errno"));
  }
}
