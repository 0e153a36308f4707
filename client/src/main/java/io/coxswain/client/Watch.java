package io.coxswain.client;

import com.google.protobuf.Message;
import java.time.Duration;
import java.util.Optional;

/// An open stream of changes. One thread reads; any thread may close, which ends a blocked read.
public interface Watch<T extends Message> extends AutoCloseable {

  /// The next event, or nothing when none came in time. Blocks.
  ///
  /// @throws ApiException when the server ended the stream: Expired means list again
  /// @throws IllegalStateException when the watch is closed
  Optional<WatchEvent<T>> next(Duration patience) throws InterruptedException;

  @Override
  void close();
}
