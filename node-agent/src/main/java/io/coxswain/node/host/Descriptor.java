package io.coxswain.node.host;

/// A file descriptor that is not closed under somebody who uses it: its number could by then mean
/// another file. The last user closes it.
final class Descriptor {

  /// Works with the number, which is good until it returns.
  @FunctionalInterface
  interface Use {
    int with(int number) throws SystemCallException;
  }

  private final int number;
  private int users;
  private boolean closed;

  Descriptor(int number) {
    this.number = number;
  }

  /// @return what the use says; 0 when the descriptor is closed
  int use(Use use) throws SystemCallException {
    synchronized (this) {
      if (closed) {
        return 0;
      }
      users++;
    }
    try {
      return use.with(number);
    } finally {
      release();
    }
  }

  private synchronized void release() throws SystemCallException {
    users--;
    if (closed && users == 0) {
      Libc.close(number);
    }
  }

  synchronized void close() throws SystemCallException {
    if (closed) {
      return;
    }
    closed = true;
    if (users == 0) {
      Libc.close(number);
    }
  }
}
