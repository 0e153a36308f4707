package io.coxswain.node.filesystem;

/// What something takes of a file system.
///
/// @param bytes in whole blocks, so that holes in files cost nothing
/// @param inodes files, folders, links and whatever else has a name
public record DiskUse(long bytes, long inodes) {

  public static final DiskUse NONE = new DiskUse(0, 0);

  public DiskUse plus(DiskUse other) {
    return new DiskUse(bytes + other.bytes, inodes + other.inodes);
  }
}
