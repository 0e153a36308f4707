package io.coxswain.controlplane.registry;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.CustomObjects;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.customresource.CustomKind;
import io.coxswain.controlplane.storage.StoredValue;
import io.coxswain.custom.CustomObject;
import java.util.ArrayList;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// A kind that people define, stored as JSON in its storage version. Objects are read as the schema
/// has them now, whatever it was when they were written.
final class CustomCodec implements KindCodec {

  private static final JsonCodec JSON = new JsonCodec(Long.MAX_VALUE);

  private final CustomKind kind;
  private final VersionConversion conversion;

  CustomCodec(CustomKind kind, VersionConversion conversion) {
    this.kind = kind;
    this.conversion = conversion;
  }

  /// An object of any version in this one, as its schema has it.
  CustomObject served(CustomObject object) {
    CustomObject converted = conversion.convert(object, kind.type().version());
    return kind.completed(CustomObjects.toTree(converted), converted.getMetadata());
  }

  @Override
  public ByteString encode(Message object) {
    CustomObject plain =
        ObjectMetas.edit(
            (CustomObject) object, meta -> meta.clearResourceVersion().clearSelfLink());
    return UnsafeByteOperations.unsafeWrap(
        JSON.encode(conversion.convert(plain, kind.storageVersion())));
  }

  @Override
  public Message decode(StoredValue value) {
    Refusals.unlessReadable(value);
    try {
      ObjectNode tree = CustomObjects.parse(value.bytes().toByteArray());
      ObjectMeta metadata =
          CustomObjects.metadata(tree, new ArrayList<>()).toBuilder()
              .setResourceVersion(Long.toString(value.revision()))
              .build();
      if (!tree.path("apiVersion").asString("").equals(kind.type().apiVersion())) {
        CustomObject converted =
            conversion.convert(CustomObjects.of(tree, metadata), kind.type().version());
        return kind.completed(CustomObjects.toTree(converted), converted.getMetadata());
      }
      return kind.completed(tree, metadata);
    } catch (ApiException damaged) {
      throw new IllegalStateException(
          "what is stored at " + value.key() + " cannot be read", damaged);
    }
  }

  /// Whoever converts may be asked over the network, so selectors of labels look at what is stored:
  /// labels mean the same in all versions.
  @Override
  public Optional<Message> decodeForSelection(StoredValue value) {
    if (!conversion.mayBlock()) {
      return Optional.empty();
    }
    ObjectNode tree = CustomObjects.parse(value.bytes().toByteArray());
    if (tree.path("apiVersion").asString("").equals(kind.type().apiVersion())) {
      return Optional.empty();
    }
    return Optional.of(CustomObjects.of(tree, CustomObjects.metadata(tree, new ArrayList<>())));
  }

  @Override
  public Message bookmark(long revision, boolean endsInitialEvents) {
    ObjectMeta.Builder meta = ObjectMeta.newBuilder().setResourceVersion(Long.toString(revision));
    if (endsInitialEvents) {
      meta.putAnnotations(INITIAL_EVENTS_END, "true");
    }
    return ObjectMetas.replace(kind.type().prototype(), meta.build());
  }
}
