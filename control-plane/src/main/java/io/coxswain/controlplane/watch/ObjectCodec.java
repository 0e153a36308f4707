package io.coxswain.controlplane.watch;

import com.google.protobuf.Message;
import io.coxswain.controlplane.storage.StoredValue;
import java.util.Optional;

/// How one kind's stored bytes become messages.
public interface ObjectCodec {

  /// The message, with its resource version set from the value's revision.
  ///
  /// @throws IllegalStateException when the bytes are not of this kind
  Message decode(StoredValue value);

  /// What selectors look at: the message, or what is good enough for them where making the message
  /// would block. Called while changes are being applied.
  ///
  /// @return nothing where the message itself is to be looked at
  default Optional<Message> decodeForSelection(StoredValue value) {
    return Optional.empty();
  }

  /// An empty message of the kind that carries only a resource version.
  ///
  /// @param endsInitialEvents marks it as the end of the state at the beginning of a watch
  Message bookmark(long revision, boolean endsInitialEvents);
}
