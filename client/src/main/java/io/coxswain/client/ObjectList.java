package io.coxswain.client;

import com.google.protobuf.Message;
import java.util.List;

/// One snapshot of a kind's objects.
///
/// @param resourceVersion the snapshot's version: a watch from it misses nothing
/// @param continueToken where the next page begins; empty on the last
public record ObjectList<T extends Message>(
    List<T> items, String resourceVersion, String continueToken) {

  public ObjectList {
    items = List.copyOf(items);
  }
}
