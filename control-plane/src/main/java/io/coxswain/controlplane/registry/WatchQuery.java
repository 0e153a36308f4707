package io.coxswain.controlplane.registry;

import io.coxswain.schema.ResourceType;

/// Which changes to follow. Strings are as REST has them; empty means not given.
///
/// @param resourceVersion changes after it; empty or `0` begins with the present state as additions
/// @param bookmarks tell now and then how far the stream has come
/// @param sendInitialEvents begin with the present state, and mark its end by a bookmark
public record WatchQuery(
    ResourceType<?> type,
    String namespace,
    String labelSelector,
    String fieldSelector,
    String resourceVersion,
    boolean bookmarks,
    boolean sendInitialEvents) {

  public static WatchQuery of(ResourceType<?> type, String namespace, String resourceVersion) {
    return new WatchQuery(type, namespace, "", "", resourceVersion, false, false);
  }
}
