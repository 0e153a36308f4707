package io.coxswain.controlplane.hostile;

import java.io.IOException;

/// A connection on which requests follow each other.
interface Wire extends AutoCloseable {

  /// Sends a request and waits for its answer, or for its head where that is all that is wanted.
  ///
  /// @throws java.io.EOFException when the server closed instead
  Answer exchange(HostileRequest request) throws IOException;

  /// Whether another request may follow on it.
  boolean again(HostileRequest request, Answer answer);

  @Override
  void close() throws IOException;
}
