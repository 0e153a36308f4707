package io.coxswain.controlplane.watch;

import com.google.protobuf.Message;
import io.coxswain.controlplane.storage.StoredValue;

/// How one kind's stored bytes become messages.
public interface ObjectCodec {

  /// The message, with its resource version set from the value's revision.
  ///
  /// @throws IllegalStateException when the bytes are not of this kind
  Message decode(StoredValue value);

  /// An empty message of the kind that carries only a resource version.
  ///
  /// @param endsInitialEvents marks it as the end of the state at the beginning of a watch
  Message bookmark(long revision, boolean endsInitialEvents);
}
