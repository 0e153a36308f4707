package io.coxswain.node.filesystem;

/// How large a file system is, and what of it is free (statvfs(3)).
///
/// @param device tells one file system from another
/// @param capacityBytes all of it
/// @param freeBytes nobody uses
/// @param availableBytes of these, what programs may take that are not root
/// @param inodes it can have; 0 when it knows no bound
/// @param inodesFree of these, what nobody uses
public record FileSystemSpace(
    long device,
    long capacityBytes,
    long freeBytes,
    long availableBytes,
    long inodes,
    long inodesFree) {

  public long usedBytes() {
    return capacityBytes - freeBytes;
  }

  public long inodesUsed() {
    return inodes - inodesFree;
  }
}
