package io.coxswain.node.filesystem;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Tells a disk without room from other troubles: trying again at once does not help.
public final class FullDisk {

  private static final int EDQUOT = 122;

  private FullDisk() {}

  /// Whether the trouble, or what caused it, is that there is no room, or no inode.
  public static boolean isCauseOf(IOException trouble) {
    for (@Nullable Throwable one = trouble; one != null; one = one.getCause()) {
      if (one instanceof ErrnoException errno) {
        return errno.errno() == ErrnoException.ENOSPC || errno.errno() == EDQUOT;
      }
      // the JDK keeps the kernel's words, and not its number
      String message = one.getMessage();
      if (message != null
          && (message.endsWith("No space left on device")
              || message.endsWith("Disk quota exceeded"))) {
        return true;
      }
    }
    return false;
  }
}
