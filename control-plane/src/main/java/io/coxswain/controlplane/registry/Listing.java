package io.coxswain.controlplane.registry;

import io.coxswain.controlplane.watch.CachedObject;
import java.util.List;
import java.util.OptionalLong;

/// One page of objects in the order of their keys.
///
/// @param resourceVersion of all pages of one list
/// @param continueToken asks for the next page; empty on the last
/// @param remaining how many objects follow, where that is known
public record Listing(
    List<CachedObject> items,
    String resourceVersion,
    String continueToken,
    OptionalLong remaining) {

  public Listing {
    items = List.copyOf(items);
  }
}
