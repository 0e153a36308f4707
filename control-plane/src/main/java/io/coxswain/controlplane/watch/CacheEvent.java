package io.coxswain.controlplane.watch;

import io.coxswain.client.WatchEvent;

/// One change as one selection of objects sees it. Watchers that see it alike share it, and with it
/// the [Memo] of its frames.
///
/// @param object the state after it; of a deletion the last state, at the deletion's revision
/// @param memo encoded frames of this event
public record CacheEvent(WatchEvent.Type type, CachedObject object, Memo memo) {

  CacheEvent(WatchEvent.Type type, CachedObject object) {
    this(type, object, new Memo());
  }

  public long revision() {
    return object.revision();
  }
}
