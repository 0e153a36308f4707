package io.coxswain.node.host;

import java.io.IOException;

/// The kernel refused.
public final class SystemCallException extends IOException {

  private static final long serialVersionUID = 1;

  private final int errno;

  SystemCallException(String what, int errno) {
    super(what + ": " + Errno.describe(errno));
    this.errno = errno;
  }

  /// The number as of errno(3).
  public int errno() {
    return errno;
  }
}
