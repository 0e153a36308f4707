package io.coxswain.node.volume;

import io.coxswain.node.filesystem.LinuxFiles;
import io.coxswain.node.filesystem.SizedFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Pattern;

/// The directories of volumes that the built-in provisioner ordered from this node, each below one
/// folder under the name of its volume. There whole, or not at all.
public final class LocalFolders {

  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

  private final Path root;

  /// @param root made when the first volume is
  public LocalFolders(Path root) {
    this.root = root.toAbsolutePath();
  }

  public Path root() {
    return root;
  }

  /// Makes an empty directory that every user may write to, unless it is there.
  ///
  /// @param bytes what it may hold, which also counts for one that is there
  /// @return whether the file system holds it to that
  boolean make(String volume, long bytes) throws IOException {
    Path folder = folder(volume);
    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return SizedFolders.resize(folder, bytes);
    }
    Files.createDirectories(root);
    // for the pods' users, not for the host's
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
    Path fresh = root.resolve(".new-" + volume);
    SizedFolders.delete(fresh);
    boolean bounded = SizedFolders.make(fresh, bytes);
    LinuxFiles.changeMode(LinuxFiles.AT_FDCWD, fresh.toString(), 0777);
    Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
    return bounded;
  }

  /// Has the directory hold no more than that, where the file system held it to a size before.
  /// Nothing there is fine.
  void resize(String volume, long bytes) throws IOException {
    Path folder = folder(volume);
    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      boolean _ = SizedFolders.resize(folder, bytes);
    }
  }

  /// Deletes the directory and all that is in it. Nothing there is fine.
  void delete(String volume) throws IOException {
    Path folder = folder(volume);
    Path old = root.resolve(".old-" + volume);
    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      SizedFolders.delete(old);
      Files.move(folder, old, StandardCopyOption.ATOMIC_MOVE);
    }
    SizedFolders.delete(old);
    SizedFolders.delete(root.resolve(".new-" + volume));
  }

  /// Where the volume is on this node.
  Path folder(String volume) throws IOException {
    if (!NAME.matcher(volume).matches()) {
      throw new IOException("\"%s\" cannot be the name of a volume".formatted(volume));
    }
    return root.resolve(volume);
  }
}
