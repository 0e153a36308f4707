package io.coxswain.node.filesystem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/// Folders that hold no more than a number of bytes where the file system can see to that: ext4 and
/// XFS that are mounted with `prjquota`, Btrfs where quotas are enabled. Elsewhere they are folders
/// like any other. Every call blocks its thread.
public final class SizedFolders {

  private SizedFolders() {}

  /// Makes an empty folder of root's.
  ///
  /// @param bytes more than 0
  /// @return whether it is held to its size
  /// @throws IOException also when it is there already; nothing is left of it then
  public static boolean make(Path folder, long bytes) throws IOException {
    if (Subvolumes.mayBeIn(parent(folder)) && Subvolumes.make(folder, bytes)) {
      return true;
    }
    Files.createDirectory(folder);
    try {
      return ProjectQuotas.bound(folder, bytes);
    } catch (IOException e) {
      Files.delete(folder);
      throw e;
    }
  }

  /// Changes how much a folder holds that was made to be held to a size; below what is in it,
  /// nothing more can be written. Any other folder stays as it is.
  ///
  /// @return whether it is held to its size
  public static boolean resize(Path folder, long bytes) throws IOException {
    return Subvolumes.isOne(folder)
        ? Subvolumes.resize(folder, bytes)
        : ProjectQuotas.resize(folder, bytes);
  }

  /// Deletes a folder with all that is in it, as [FileTree] does, and what the file system knows of
  /// its size. Nothing there is fine.
  public static void delete(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      FileTree.delete(folder);
    } else if (Subvolumes.isOne(folder)) {
      Subvolumes.delete(folder);
    } else {
      int project = ProjectQuotas.projectOf(folder);
      FileTree.delete(folder);
      ProjectQuotas.release(parent(folder), project);
    }
  }

  static Path parent(Path folder) throws IOException {
    Path parent = folder.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IOException("the root folder cannot be held to a size");
    }
    return parent;
  }
}
