package io.coxswain.node.filesystem;

import java.io.IOException;

/// A system call that the kernel refused, with its `errno`.
public final class ErrnoException extends IOException {

  private static final long serialVersionUID = 1;

  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EXDEV = 18;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENOSPC = 28;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOTEMPTY = 39;
  public static final int ELOOP = 40;
  public static final int ENOTSUP = 95;

  private final int errno;

  ErrnoException(String call, String path, int errno) {
    super(call + " " + path + ": " + text(errno));
    this.errno = errno;
  }

  public int errno() {
    return errno;
  }

  private static String text(int errno) {
    return switch (errno) {
      case EPERM -> "operation not permitted";
      case ENOENT -> "no such file or directory";
      case 5 -> "input/output error";
      case 13 -> "permission denied";
      case EBUSY -> "in use";
      case EEXIST -> "file exists";
      case EXDEV -> "crosses file systems or leaves its root";
      case 19 -> "the kernel lacks this file system";
      case ENOTDIR -> "not a directory";
      case EISDIR -> "is a directory";
      case EINVAL -> "invalid argument";
      case 24 -> "too many open files";
      case ENOSPC -> "no space left on device";
      case 30 -> "read-only file system";
      case ENAMETOOLONG -> "file name too long";
      case ENOTEMPTY -> "directory not empty";
      case ELOOP -> "too many levels of symbolic links";
      case ENOTSUP -> "operation not supported";
      case 122 -> "disk quota exceeded";
      default -> "errno " + errno;
    };
  }
}
