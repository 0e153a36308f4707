package io.coxswain.client.codec;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ObjectKey;

/// Reads and replaces `metadata` of an object whose kind is not known at compile time.
public final class ObjectMetas {

  private ObjectMetas() {}

  /// Empty when the object has none.
  ///
  /// @throws IllegalArgumentException if the message is no object of the API
  public static ObjectMeta read(Message object) {
    return (ObjectMeta) object.getField(field(object));
  }

  @SuppressWarnings("unchecked") // build() answers with the type that made the builder
  public static <T extends Message> T replace(T object, ObjectMeta metadata) {
    return (T) object.toBuilder().setField(field(object), metadata).build();
  }

  public static ObjectKey key(Message object) {
    ObjectMeta metadata = read(object);
    return new ObjectKey(metadata.getNamespace(), metadata.getName());
  }

  private static FieldDescriptor field(Message object) {
    FieldDescriptor field = object.getDescriptorForType().findFieldByName("metadata");
    if (field == null
        || field.getJavaType() != FieldDescriptor.JavaType.MESSAGE
        || field.getMessageType() != ObjectMeta.getDescriptor()) {
      throw new IllegalArgumentException(
          object.getDescriptorForType().getFullName() + " has no object metadata");
    }
    return field;
  }
}
