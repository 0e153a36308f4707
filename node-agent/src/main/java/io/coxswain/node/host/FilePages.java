package io.coxswain.node.host;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Pages of files that this process has mapped and used once, while it started: most of the
/// start-up cache, and the machine code of the virtual machine itself. They count as the process's
/// memory until the machine runs short, though nothing reads them any more.
///
/// Only mappings that nobody can write to and nobody has written to are let go: such a page is the
/// file's, and is there again when it is used again, from the kernel's cache of files, with no
/// reading from a disk.
public final class FilePages {

  private static final Path MAPPINGS = Path.of("/proc/self/smaps");

  /// Files that are mapped from the start to the end of the process: no other mapping can have come
  /// to their place since it was read where they are.
  private static final Pattern LASTING = Pattern.compile(".*(\\.aot|/libjvm\\.so)");

  private static final Pattern HEAD =
      Pattern.compile("([0-9a-f]+)-([0-9a-f]+) (\\S{4}) \\S+ \\S+ \\d+\\s*(.*)");
  private static final Pattern SIZE = Pattern.compile("(\\w+): +(\\d+) kB");
  private static final int MADV_DONTNEED = 4;
  private static final int MADV_DONTDUMP = 16;

  /// When a page is used that is not mapped, the kernel maps all of its sixteen neighbours that it
  /// has in memory, as far as the mapping goes. What is used of the cache lies scattered, so three
  /// of four pages were there for nothing.
  private static final long PIECE_BYTES = 16 << 10;

  @SuppressWarnings("restricted") // native access is given to the whole program
  private static final MethodHandle MADVISE =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("madvise"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_INT));

  /// @param bytes how much of it is in memory
  record Mapping(long begin, long end, String file, long bytes) {}

  private final List<Mapping> mappings;

  private FilePages(List<Mapping> mappings) {
    this.mappings = mappings;
  }

  /// Those of this process; none where the start-up cache had to be moved and changed for that.
  ///
  /// @throws IOException when the kernel does not tell
  public static FilePages find() throws IOException {
    List<Mapping> mappings =
        unchanged(Files.readAllLines(MAPPINGS)).stream()
            .filter(mapping -> LASTING.matcher(mapping.file()).matches())
            .toList();
    for (Mapping mapping : mappings) {
      split(mapping);
    }
    return new FilePages(mappings);
  }

  /// Into many of a few pages each: neighbours that differ in anything are not one mapping. What
  /// they differ in has no meaning here: pages of a file are in no core dump unless somebody asks
  /// for it.
  private static void split(Mapping mapping) throws IOException {
    long first = mapping.begin() / (2 * PIECE_BYTES) * (2 * PIECE_BYTES);
    for (long at = first; at < mapping.end(); at += 2 * PIECE_BYTES) {
      long begin = Math.max(at, mapping.begin());
      long end = Math.min(at + PIECE_BYTES, mapping.end());
      if (begin < end) {
        advise(mapping, begin, end, MADV_DONTDUMP);
      }
    }
  }

  /// Lets go what is in memory of them. What is in use is back within a moment.
  ///
  /// @throws IOException when the kernel does not do it
  public void release() throws IOException {
    for (Mapping mapping : mappings) {
      advise(mapping, mapping.begin(), mapping.end(), MADV_DONTNEED);
    }
  }

  /// @param smaps lines of `/proc/PID/smaps` (proc_pid_smaps(5))
  static List<Mapping> unchanged(List<String> smaps) {
    List<Mapping> found = new ArrayList<>();
    Matcher head = null;
    long resident = 0;
    for (String line : smaps) {
      Matcher next = HEAD.matcher(line);
      if (next.matches()) {
        head = next;
        continue;
      }
      Matcher size = SIZE.matcher(line);
      if (head == null || !size.matches()) {
        continue;
      }
      long bytes = Long.parseLong(size.group(2)) << 10;
      switch (size.group(1)) {
        case "Rss" -> resident = bytes;
        // a copy that was made for this process: it has written to the page
        case "Anonymous" -> {
          if (bytes == 0
              && resident > 0
              && head.group(4).startsWith("/")
              && head.group(3).charAt(0) == 'r'
              && head.group(3).charAt(1) == '-'
              && head.group(3).charAt(3) == 'p') {
            found.add(
                new Mapping(
                    Long.parseUnsignedLong(head.group(1), 16),
                    Long.parseUnsignedLong(head.group(2), 16),
                    head.group(4),
                    resident));
          }
          head = null;
        }
        default -> {
          // of no interest
        }
      }
    }
    return found;
  }

  private static void advise(Mapping mapping, long begin, long end, int advice) throws IOException {
    int result;
    try {
      result = (int) MADVISE.invokeExact(MemorySegment.ofAddress(begin), end - begin, advice);
    } catch (Throwable e) {
      throw new IllegalStateException("call madvise", e);
    }
    if (result != 0) {
      throw new IOException("the kernel keeps the pages of " + mapping.file());
    }
  }
}
