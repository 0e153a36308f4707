package io.coxswain.controlplane.storage;

import java.time.Duration;
import java.util.List;

/// Changes as they come. One thread reads; any may close, which ends a blocked read.
public interface StoreWatch extends AutoCloseable {

  /// @param events in order; all changes of one revision are in one batch; empty when there is only
  ///   progress to tell, or nothing came in time
  /// @param revision up to which everything has been told
  record Batch(List<StoreEvent> events, long revision) {
    public Batch {
      events = List.copyOf(events);
    }
  }

  /// Blocks until there is something to tell, at most as long as patience goes. While the store
  /// cannot be reached it tells nothing and tries again.
  ///
  /// @throws StoreException.Compacted when changes that were not told yet are forgotten: list again
  /// @throws IllegalStateException when the watch is closed
  Batch next(Duration patience) throws InterruptedException;

  @Override
  void close();
}
