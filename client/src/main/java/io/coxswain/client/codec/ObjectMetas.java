package io.coxswain.client.codec;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.ListMeta;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.client.ObjectKey;
import io.coxswain.schema.BuilderAccess;
import io.coxswain.schema.FieldAccess;
import io.coxswain.schema.ResourceType;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// The `metadata` of any kind, without knowing the kind.
public final class ObjectMetas {

  private ObjectMetas() {}

  private static FieldDescriptor field(Descriptor descriptor, Descriptor type) {
    // By its number, which it has in every kind: a search by name makes the field's full name
    // first.
    FieldDescriptor first = descriptor.findFieldByNumber(1);
    FieldDescriptor field =
        first != null && first.getName().equals("metadata")
            ? first
            : descriptor.findFieldByName("metadata");
    if (field == null
        || field.getJavaType() != FieldDescriptor.JavaType.MESSAGE
        || field.getMessageType() != type) {
      throw new IllegalArgumentException(
          descriptor.getFullName() + " has no metadata of type " + type.getName());
    }
    return field;
  }

  /// @throws IllegalArgumentException if the message is no kind
  public static ObjectMeta read(Message object) {
    FieldDescriptor field = field(object.getDescriptorForType(), ObjectMeta.getDescriptor());
    return (ObjectMeta) FieldAccess.of(field).get(object);
  }

  /// The object with other metadata.
  public static <T extends Message> T replace(T object, ObjectMeta metadata) {
    return with(object, field(object.getDescriptorForType(), ObjectMeta.getDescriptor()), metadata);
  }

  /// The object with its metadata changed.
  public static <T extends Message> T edit(T object, UnaryOperator<ObjectMeta.Builder> change) {
    return replace(object, change.apply(read(object).toBuilder()).build());
  }

  public static <T extends Message> T withResourceVersion(T object, String resourceVersion) {
    return edit(object, metadata -> metadata.setResourceVersion(resourceVersion));
  }

  /// @throws IllegalArgumentException if the message is no list
  public static ListMeta readList(Message list) {
    return (ListMeta) list.getField(field(list.getDescriptorForType(), ListMeta.getDescriptor()));
  }

  public static <T extends Message> T replaceList(T list, ListMeta metadata) {
    return with(list, field(list.getDescriptorForType(), ListMeta.getDescriptor()), metadata);
  }

  @SuppressWarnings("unchecked") // a builder builds its own class
  private static <T extends Message> T with(T object, FieldDescriptor field, Message metadata) {
    Message.Builder changed = object.toBuilder();
    BuilderAccess.of(field).put(changed, metadata);
    return (T) changed.build();
  }

  public static ObjectKey key(Message object) {
    ObjectMeta metadata = read(object);
    return new ObjectKey(metadata.getNamespace(), metadata.getName());
  }

  /// Whether deletion was asked for.
  public static boolean isDeleting(Message object) {
    return read(object).hasDeletionTimestamp();
  }

  /// The one owner that manages the object.
  public static Optional<OwnerReference> controllerOf(Message object) {
    return read(object).getOwnerReferencesList().stream()
        .filter(OwnerReference::getController)
        .findFirst();
  }

  /// A reference by which an object is managed by its owner: it goes when the owner goes.
  public static <T extends Message> OwnerReference controlledBy(ResourceType<T> type, T owner) {
    ObjectMeta metadata = read(owner);
    return OwnerReference.newBuilder()
        .setApiVersion(type.apiVersion())
        .setKind(type.kind())
        .setName(metadata.getName())
        .setUid(metadata.getUid())
        .setController(true)
        .setBlockOwnerDeletion(true)
        .build();
  }
}
