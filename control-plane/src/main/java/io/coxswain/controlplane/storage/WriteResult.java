package io.coxswain.controlplane.storage;

import java.util.Optional;

/// What became of a [Write].
public sealed interface WriteResult {

  /// @param revision of the change
  record Done(long revision) implements WriteResult {}

  /// The key was not as expected; nothing was changed.
  ///
  /// @param current what is there instead
  record Refused(Optional<StoredValue> current) implements WriteResult {}
}
