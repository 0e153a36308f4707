package io.coxswain.controlplane.registry;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.coxswain.controlplane.watch.ObjectCodec;

/// One kind between message and stored bytes, both ways.
interface KindCodec extends ObjectCodec {

  /// Marks the bookmark behind the objects that a watch begins with.
  String INITIAL_EVENTS_END = "k8s.io/initial-events-end";

  /// The object without its resource version, which is the store's own revision.
  ByteString encode(Message object);

  /// Whether decoding gives again the message that was encoded, but for its resource version.
  default boolean isExact(Message object) {
    return false;
  }
}
