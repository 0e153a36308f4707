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

  /// What selectors of labels look at where making the message may block: the object in whatever
  /// version it is stored. Called while changes are being applied.
  ///
  /// @return nothing where the message itself is made without waiting for anybody
  default Optional<Message> decodeForSelection(StoredValue value) {
    return Optional.empty();
  }

  /// An empty message of the kind that carries only a resource version.
  ///
  /// @param endsInitialEvents marks it as the end of the state at the beginning of a watch
  Message bookmark(long revision, boolean endsInitialEvents);
}
