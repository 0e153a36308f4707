package io.coxswain.controlplane.consistency;

/// One entry of the store's own log.
///
/// @param value unique to the write that made it; empty when the key was removed
record Change(long revision, String key, String value) {

  boolean removes() {
    return value.isEmpty();
  }
}
