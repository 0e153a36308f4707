package io.coxswain.controlplane.registry;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.ProtoEnvelope;
import io.coxswain.controlplane.storage.StoredValue;
import io.coxswain.schema.ResourceType;
import java.util.function.UnaryOperator;

/// One kind between message and stored bytes: Kubernetes' protobuf envelope, without the resource
/// version, which is the store's own revision.
final class ResourceCodec implements KindCodec {

  private final Message stored;
  private final Message served;
  private final boolean oneVersion;
  private final UnaryOperator<Message> toStored;
  private final UnaryOperator<Message> toServed;

  /// @param toStored from the served version to the stored one; the identity where they are one
  ResourceCodec(
      ResourceType<?> type,
      ResourceType<?> storedAs,
      UnaryOperator<Message> toStored,
      UnaryOperator<Message> toServed) {
    this.served = type.prototype();
    this.stored = storedAs.prototype();
    this.oneVersion = type.equals(storedAs);
    this.toStored = toStored;
    this.toServed = toServed;
  }

  /// The object in the version in which it is stored.
  Message stored(Message object) {
    return toStored.apply(object);
  }

  /// An object in this version.
  ///
  /// @param object in the version in which it is stored
  Message served(Message object) {
    return toServed.apply(object);
  }

  @Override
  public ByteString encode(Message object) {
    return UnsafeByteOperations.unsafeWrap(ProtoEnvelope.encode(plain(toStored.apply(object))));
  }

  private static Message plain(Message object) {
    ObjectMeta meta = ObjectMetas.read(object);
    return meta.getResourceVersion().isEmpty() && meta.getSelfLink().isEmpty()
        ? object
        : ObjectMetas.edit(object, some -> some.clearResourceVersion().clearSelfLink());
  }

  @Override
  public boolean isExact(Message object) {
    return oneVersion && ObjectMetas.read(object).getSelfLink().isEmpty();
  }

  @Override
  public Message decode(StoredValue value) {
    Refusals.unlessReadable(value);
    try {
      Message message = toServed.apply(ProtoEnvelope.decode(value.bytes().toByteArray(), stored));
      return ObjectMetas.withResourceVersion(message, Long.toString(value.revision()));
    } catch (ApiException damaged) {
      throw new IllegalStateException(
          "what is stored at " + value.key() + " cannot be read", damaged);
    }
  }

  @Override
  public Message bookmark(long revision, boolean endsInitialEvents) {
    ObjectMeta.Builder meta = ObjectMeta.newBuilder().setResourceVersion(Long.toString(revision));
    if (endsInitialEvents) {
      meta.putAnnotations(INITIAL_EVENTS_END, "true");
    }
    return ObjectMetas.replace(served, meta.build());
  }
}
