package io.coxswain.node.host;

import java.util.Map;

/// The kernel's error numbers that the agent meets, by their names in errno(3).
public final class Errno {

  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ECHILD = 10;
  public static final int EAGAIN = 11;
  public static final int EACCES = 13;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EINVAL = 22;
  public static final int ENOSYS = 38;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(EPERM, "operation not permitted"),
          Map.entry(ENOENT, "no such file or directory"),
          Map.entry(ESRCH, "no such process"),
          Map.entry(EINTR, "interrupted"),
          Map.entry(EIO, "input/output error"),
          Map.entry(EAGAIN, "try again"),
          Map.entry(EACCES, "permission denied"),
          Map.entry(EBUSY, "busy"),
          Map.entry(EEXIST, "exists already"),
          Map.entry(EINVAL, "invalid argument"),
          Map.entry(19, "no such device"),
          Map.entry(20, "not a directory"),
          Map.entry(24, "too many open files"),
          Map.entry(28, "no space left"),
          Map.entry(30, "read-only file system"),
          Map.entry(ENOSYS, "not known to this kernel"),
          Map.entry(40, "too many symbolic links"));

  private Errno() {}

  static String describe(int errno) {
    return "%s (errno %d)".formatted(NAMES.getOrDefault(errno, "failed"), errno);
  }
}
