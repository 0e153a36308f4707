package io.coxswain.controlplane.watch;

/// Takes events on the spot, as they come, while their reader waits: hundreds of readers of one
/// event need not all be woken for it.
@FunctionalInterface
public interface EventSink {

  /// Takes nothing: its reader reads all itself.
  EventSink NONE = _ -> false;

  /// Called in the order of events, while the cache applies changes: must not block.
  ///
  /// @return whether it took the event; if not, it waits for the reader
  boolean take(CacheEvent event);
}
