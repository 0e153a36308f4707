package io.coxswain.controlplane.storage;

import java.util.List;

/// Part of a list.
///
/// @param revision that the values are of: the same one gives the rest
/// @param remaining how many follow behind the last one
public record StorePage(List<StoredValue> values, long revision, long remaining) {

  public StorePage {
    values = List.copyOf(values);
  }
}
