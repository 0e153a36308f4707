package io.coxswain.client.testing;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Optional;

/// Top-level fields of objects of any kind.
final class FieldPaths {

  private FieldPaths() {}

  static Optional<FieldDescriptor> field(Message object, String name) {
    return Optional.ofNullable(object.getDescriptorForType().findFieldByName(name));
  }

  /// `target` with its top-level field as it is in `source`.
  static Message withField(Message target, Message source, String name) {
    FieldDescriptor field = source.getDescriptorForType().findFieldByName(name);
    if (field == null) {
      return target;
    }
    Message.Builder builder = target.toBuilder();
    if (source.hasField(field)) {
      builder.setField(field, source.getField(field));
    } else {
      builder.clearField(field);
    }
    return builder.build();
  }

  static boolean sameField(Message a, Message b, String name) {
    FieldDescriptor field = a.getDescriptorForType().findFieldByName(name);
    return field == null
        || (presence(a, field) == presence(b, field)
            && a.getField(field).equals(b.getField(field)));
  }

  private static boolean presence(Message message, FieldDescriptor field) {
    return !field.hasPresence() || message.hasField(field);
  }
}
