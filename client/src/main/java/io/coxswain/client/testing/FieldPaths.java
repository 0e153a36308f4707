package io.coxswain.client.testing;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import java.util.Optional;

/// Fields of objects by their JSON path.
final class FieldPaths {

  private FieldPaths() {}

  /// The scalar at a path as field selectors name it, as `spec.nodeName`; empty text when unset.
  static String text(Message object, String path) {
    Message at = object;
    String[] steps = path.split("\\.", -1);
    for (int i = 0; i < steps.length; i++) {
      FieldDescriptor field = at.getDescriptorForType().findFieldByName(steps[i]);
      if (field == null || field.isRepeated()) {
        break;
      }
      boolean last = i == steps.length - 1;
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        if (last) {
          break;
        }
        at = (Message) at.getField(field);
      } else if (last) {
        return String.valueOf(at.getField(field));
      }
    }
    throw new ApiException(
        new ApiError.BadRequest(
            "field label not supported: "
                + path
                + " on "
                + object.getDescriptorForType().getName()));
  }

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
