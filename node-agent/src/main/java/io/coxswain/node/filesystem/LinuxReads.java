package io.coxswain.node.filesystem;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What [LinuxFiles] is for writing, for reading: names, facts, attributes and contents below
/// descriptors, as they are on disk, whatever the locale. No call follows a symbolic link. Every
/// call blocks its thread, a virtual one with its carrier.
public final class LinuxReads {

  private static final long SYS_GETDENTS64 = LinuxFiles.arm() ? 61 : 217;
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int STATX_BYTES = 256;
  private static final int NAMES_BYTES = 64 << 10;

  /// As the kernel bounds both, a list of names and a value (xattr(7)).
  private static final int MOST_ATTRIBUTE_BYTES = 64 << 10;

  private static final MethodHandle GETDENTS64 =
      LinuxFiles.systemCall(JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle STATX =
      LinuxFiles.handle("statx", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle FLISTXATTR =
      LinuxFiles.longHandle("flistxattr", JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle FGETXATTR =
      LinuxFiles.longHandle("fgetxattr", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle PREAD =
      LinuxFiles.longHandle("pread", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);

  private LinuxReads() {}

  /// Of the name itself, be it a symbolic link.
  ///
  /// @param name in the folder; empty for what the descriptor is itself
  public static FileFacts facts(int folder, String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment facts = arena.allocate(STATX_BYTES, 8);
      int flags = LinuxFiles.AT_SYMLINK_NOFOLLOW | LinuxFiles.AT_EMPTY_PATH;
      LinuxFiles.call(
          "stat",
          name,
          (names, state) ->
              (int)
                  STATX.invokeExact(
                      state, folder, names.allocateFrom(name), flags, STATX_BASIC_STATS, facts));
      return new FileFacts(
          Short.toUnsignedInt(facts.get(JAVA_SHORT, 28)),
          Integer.toUnsignedLong(facts.get(JAVA_INT, 20)),
          Integer.toUnsignedLong(facts.get(JAVA_INT, 24)),
          Integer.toUnsignedLong(facts.get(JAVA_INT, 16)),
          facts.get(JAVA_LONG, 32),
          facts.get(JAVA_LONG, 40),
          Instant.ofEpochSecond(facts.get(JAVA_LONG, 112), facts.get(JAVA_INT, 120)),
          Integer.toUnsignedLong(facts.get(JAVA_INT, 128)) << 32
              | Integer.toUnsignedLong(facts.get(JAVA_INT, 132)));
    }
  }

  /// All names in an open folder but `.` and `..`, in the file system's order.
  ///
  /// @param most characters of all of them
  /// @throws IOException also when they are more
  public static List<String> names(int folder, long most) throws IOException {
    List<String> names = new ArrayList<>();
    long left = most;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment entries = arena.allocate(NAMES_BYTES, 8);
      while (true) {
        long length =
            LinuxFiles.call(
                "list",
                "",
                (_, state) ->
                    (long)
                        GETDENTS64.invokeExact(
                            state, SYS_GETDENTS64, folder, entries, (long) NAMES_BYTES));
        if (length == 0) {
          return names;
        }
        for (long at = 0; at < length; ) {
          String name = entries.getString(at + 19);
          if (!name.equals(".") && !name.equals("..")) {
            left -= name.length();
            if (left < 0) {
              throw new IOException("the names in a folder have too many characters");
            }
            names.add(name);
          }
          at += Short.toUnsignedInt(entries.get(JAVA_SHORT_UNALIGNED, at + 16));
        }
      }
    }
  }

  /// All extended attributes that this process may see, by their names; none where the file system
  /// knows none.
  ///
  /// @param descriptor open for reading
  public static Map<String, byte[]> attributes(int descriptor) throws IOException {
    Map<String, byte[]> attributes = new TreeMap<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(MOST_ATTRIBUTE_BYTES);
      for (String name : attributeNames(descriptor, buffer)) {
        long length =
            LinuxFiles.call(
                "getxattr",
                name,
                (names, state) ->
                    (long)
                        FGETXATTR.invokeExact(
                            state,
                            descriptor,
                            names.allocateFrom(name),
                            buffer,
                            buffer.byteSize()));
        attributes.put(name, buffer.asSlice(0, length).toArray(JAVA_BYTE));
      }
    }
    return attributes;
  }

  private static List<String> attributeNames(int descriptor, MemorySegment buffer)
      throws IOException {
    long length;
    try {
      length =
          LinuxFiles.call(
              "listxattr",
              "",
              (_, state) ->
                  (long) FLISTXATTR.invokeExact(state, descriptor, buffer, buffer.byteSize()));
    } catch (ErrnoException e) {
      if (e.errno() == ErrnoException.ENOTSUP) {
        return List.of();
      }
      throw e;
    }
    if (length == 0) {
      return List.of();
    }
    String all =
        new String(buffer.asSlice(0, length - 1).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    return List.of(all.split("\0", -1));
  }

  /// Up to as many bytes as the buffer has.
  ///
  /// @return how many; 0 at the file's end
  public static int read(int descriptor, MemorySegment buffer, long offset) throws IOException {
    return (int)
        LinuxFiles.call(
            "read",
            "",
            (_, state) ->
                (long) PREAD.invokeExact(state, descriptor, buffer, buffer.byteSize(), offset));
  }
}
