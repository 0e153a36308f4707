package io.coxswain.controlplane.server;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.options.JsonForm;
import java.util.List;
import java.util.Map;

/// Clients' protobuf carries messages that mean nothing where JSON has none, as the empty
/// `resources` of a container. What is stored must not depend on the form it came in, or a later
/// write in the other form would seem to change it.
final class EmptyValues {

  private EmptyValues() {}

  /// The message without those that are the same present and empty as absent; itself where there is
  /// none.
  @SuppressWarnings({"unchecked", "ReferenceEquality"}) // a builder makes what it was made from
  static <T extends Message> T dropped(T message) {
    Message.Builder changed = message.toBuilder();
    boolean any = false;
    MessageSchema schema = MessageSchema.of(message.getDescriptorForType());
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      if (field.isMapField()) {
        continue;
      }
      if (entry.getValue() instanceof Message one) {
        Message kept = dropped(one);
        if (kept.getSerializedSize() == 0 && isNothing(schema.field(field))) {
          changed.clearField(field);
          any = true;
        } else if (kept != one) {
          changed.setField(field, kept);
          any = true;
        }
      } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        List<Message> items = (List<Message>) entry.getValue();
        for (int i = 0; i < items.size(); i++) {
          Message kept = dropped(items.get(i));
          if (kept != items.get(i)) {
            changed.setRepeatedField(field, i, kept);
            any = true;
          }
        }
      }
    }
    return any ? (T) changed.build() : message;
  }

  private static boolean isNothing(FieldSchema field) {
    // A time that says nothing is no time, as null is in JSON.
    boolean time =
        field.holdsMessages()
            && (field.message().jsonForm() == JsonForm.TIME
                || field.message().jsonForm() == JsonForm.MICRO_TIME);
    return field.byValue() || field.inline() || time;
  }
}
