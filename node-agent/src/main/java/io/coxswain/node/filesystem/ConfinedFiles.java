package io.coxswain.node.filesystem;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Files of a folder that others may have written in, read without being led away: no link counts,
/// in whichever part of the path it stands, and nothing but regular files is opened.
public final class ConfinedFiles {

  private static final int NON_BLOCKING = 0x800;
  private static final long RESOLVE_BENEATH = 0x08;
  private static final int TYPE = 0170000;
  private static final int REGULAR = 0100000;

  private ConfinedFiles() {}

  /// @param root is followed wherever it leads
  /// @param file below it
  /// @throws NoSuchFileException when it is not there
  /// @throws IOException when it is something else than a file, or a link stands in its path
  public static SeekableByteChannel open(Path root, Path file) throws IOException {
    return open(root, file, LinuxFiles.RESOLVE_NO_SYMLINKS);
  }

  /// As [#open], but links count that stay in the folder.
  ///
  /// @throws IOException also when a link leads out of it
  public static SeekableByteChannel openByLinks(Path root, Path file) throws IOException {
    return open(root, file, 0);
  }

  private static SeekableByteChannel open(Path root, Path file, long links) throws IOException {
    int folder = LinuxFiles.openDirectory(root.toString());
    try {
      return open(folder, root.relativize(file).toString(), file, links);
    } finally {
      LinuxFiles.close(folder);
    }
  }

  private static SeekableByteChannel open(int folder, String name, Path file, long links)
      throws IOException {
    long resolve = RESOLVE_BENEATH | LinuxFiles.RESOLVE_NO_MAGICLINKS | links;
    int opened;
    try {
      // a fifo that nobody writes to would be waited for
      opened = LinuxFiles.open(folder, name, LinuxFiles.O_RDONLY | NON_BLOCKING, 0, resolve);
    } catch (ErrnoException e) {
      switch (e.errno()) {
        case ErrnoException.ENOENT -> {
          NoSuchFileException missing = new NoSuchFileException(file.toString());
          missing.initCause(e);
          throw missing;
        }
        case ErrnoException.ELOOP, ErrnoException.EXDEV ->
            throw new IOException("not read, as a link stands in its path: " + file, e);
        default -> throw e;
      }
    }
    try {
      Path same = Path.of("/proc/self/fd/" + opened);
      if (((int) Files.getAttribute(same, "unix:mode") & TYPE) != REGULAR) {
        throw new IOException("not read, as it is no regular file: " + file);
      }
      return Files.newByteChannel(same);
    } finally {
      LinuxFiles.close(opened);
    }
  }
}
