package io.coxswain.client;

import com.google.protobuf.Message;

/// One change.
///
/// @param object the state after it; of a deletion, the last state; of a bookmark, only
///   `metadata.resourceVersion`
public record WatchEvent<T extends Message>(Type type, T object) {

  public enum Type {
    ADDED,
    MODIFIED,
    DELETED,
    BOOKMARK
  }
}
