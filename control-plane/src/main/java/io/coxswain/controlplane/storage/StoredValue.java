package io.coxswain.controlplane.storage;

import com.google.protobuf.ByteString;

/// One key's value.
///
/// @param revision of the change that wrote it
/// @param reading how its bytes could be read
public record StoredValue(String key, ByteString bytes, long revision, Reading reading) {

  /// What is known of a value's bytes.
  public sealed interface Reading {

    Reading GOOD = new Good();

    /// Good, but kept in a way that is to go: writing it again, even unchanged, makes it new.
    Reading OUTDATED = new Outdated();
  }

  record Good() implements Reading {}

  record Outdated() implements Reading {}

  /// The bytes are not what was written.
  ///
  /// @param why for the person who keeps the store
  public record Unreadable(String why) implements Reading {}

  public StoredValue(String key, ByteString bytes, long revision) {
    this(key, bytes, revision, Reading.GOOD);
  }

  /// Whether writing the same bytes again changes something.
  public boolean isOutdated() {
    return reading.equals(Reading.OUTDATED);
  }
}
