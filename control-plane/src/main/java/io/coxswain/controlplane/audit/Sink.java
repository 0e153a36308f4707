package io.coxswain.controlplane.audit;

import java.io.IOException;
import java.util.List;

/// Where events go, a batch at a time, from one thread.
interface Sink extends AutoCloseable {

  /// As figures name it.
  String name();

  /// Blocks as long as it takes.
  ///
  /// @param events each a JSON object without a line's end
  /// @throws IOException when they are lost
  void write(List<byte[]> events) throws IOException, InterruptedException;

  /// No more is tried again: what is under way is the last.
  void hurry();

  @Override
  void close() throws IOException;
}
