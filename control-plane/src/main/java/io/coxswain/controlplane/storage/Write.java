package io.coxswain.controlplane.storage;

import com.google.protobuf.ByteString;
import java.time.Duration;

/// One change, made only if the key is as its writer believes.
public sealed interface Write {

  /// Stands for "for good" as a time to live.
  Duration FOREVER = Duration.ZERO;

  String key();

  /// Only if the key is free.
  ///
  /// @param timeToLive after which the store removes the value by itself, early by nothing and late
  ///   by a minute at most
  record Create(String key, ByteString bytes, Duration timeToLive) implements Write {
    public Create(String key, ByteString bytes) {
      this(key, bytes, FOREVER);
    }
  }

  /// Only if the value is still that of `expectedRevision`.
  record Replace(String key, ByteString bytes, long expectedRevision, Duration timeToLive)
      implements Write {
    public Replace(String key, ByteString bytes, long expectedRevision) {
      this(key, bytes, expectedRevision, FOREVER);
    }
  }

  /// Only if the value is still that of `expectedRevision`.
  record Remove(String key, long expectedRevision) implements Write {}
}
