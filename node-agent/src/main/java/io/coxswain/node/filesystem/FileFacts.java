package io.coxswain.node.filesystem;

import java.time.Instant;

/// What the kernel knows of a file (statx(2)), of a symbolic link as of itself.
///
/// @param mode type (see [#type]) and permission bits
/// @param user as unsigned 32 bits
/// @param group as unsigned 32 bits
/// @param links how many names it has
/// @param inode unique on its file system
/// @param size bytes
/// @param device major and minor number of a device, as `major << 32 | minor`
public record FileFacts(
    int mode,
    long user,
    long group,
    long links,
    long inode,
    long size,
    Instant modified,
    long device) {

  public FileType type() {
    return FileType.of(mode);
  }

  /// Permission bits with setuid, setgid and sticky.
  public int permissions() {
    return mode & 07777;
  }

  public boolean isFolder() {
    return type() == FileType.FOLDER;
  }
}
