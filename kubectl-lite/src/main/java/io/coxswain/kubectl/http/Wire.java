package io.coxswain.kubectl.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/// An open connection, whatever carries it.
interface Wire {

  /// Opens one. Blocks.
  @FunctionalInterface
  interface Dialer {
    Wire dial() throws IOException;
  }

  InputStream in();

  OutputStream out();

  /// How long a read may wait before it fails with a [java.net.SocketTimeoutException]; zero for
  /// ever.
  void patience(Duration silence) throws IOException;

  /// Wakes who reads.
  void close() throws IOException;
}
