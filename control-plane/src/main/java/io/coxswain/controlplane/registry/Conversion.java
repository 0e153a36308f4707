package io.coxswain.controlplane.registry;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.schema.ResourceType;
import java.util.Map;

/// Between two versions of one kind, whose fields have the same meaning under other names. Fields
/// that only one of them has are lost on the way to the other.
///
/// @param toStoredNames by which stored field a served field is kept, where the names differ
record Conversion(Message served, Message stored, Map<String, String> toStoredNames) {

  static Conversion of(ResourceType<?> type) {
    Map<String, String> names =
        type.qualifiedPlural().equals("events.events.k8s.io")
            ? Map.of(
                "regarding", "involvedObject",
                "note", "message",
                "reportingController", "reportingComponent",
                "deprecatedSource", "source",
                "deprecatedFirstTimestamp", "firstTimestamp",
                "deprecatedLastTimestamp", "lastTimestamp",
                "deprecatedCount", "count")
            : Map.of();
    return new Conversion(type.prototype(), StorageLayout.storedAs(type).prototype(), names);
  }

  Message toStored(Message object) {
    Message.Builder builder = stored.newBuilderForType();
    object
        .getAllFields()
        .forEach((field, value) ->
            copy(builder, toStoredNames.getOrDefault(field.getName(), field.getName()), value));
    return builder.build();
  }

  Message toServed(Message object) {
    Message.Builder builder = served.newBuilderForType();
    for (FieldDescriptor field : served.getDescriptorForType().getFields()) {
      String name = toStoredNames.getOrDefault(field.getName(), field.getName());
      FieldDescriptor source = object.getDescriptorForType().findFieldByName(name);
      if (source != null && object.getAllFields().containsKey(source)) {
        copy(builder, field.getName(), object.getField(source));
      }
    }
    return builder.build();
  }

  private static void copy(Message.Builder builder, String name, Object value) {
    FieldDescriptor field = builder.getDescriptorForType().findFieldByName(name);
    if (field == null) {
      return;
    }
    if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE || field.isRepeated()) {
      builder.setField(field, value);
      return;
    }
    Message message = (Message) value;
    if (message.getDescriptorForType().equals(field.getMessageType())) {
      builder.setField(field, message);
    } else {
      builder.setField(field, sameNames(message, builder.newBuilderForField(field)));
    }
  }

  private static Message sameNames(Message from, Message.Builder to) {
    from.getAllFields().forEach((field, value) -> copy(to, field.getName(), value));
    return to.build();
  }
}
