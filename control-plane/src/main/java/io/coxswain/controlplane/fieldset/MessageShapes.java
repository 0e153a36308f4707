package io.coxswain.controlplane.fieldset;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.options.JsonForm;
import io.coxswain.schema.options.MapType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The shapes of messages, from the options of the schema, compiled once. Values are messages,
/// lists, scalars, and of map fields a [Map].
public final class MessageShapes {

  private static final Map<Descriptor, MessageShape> COMPILED = new ConcurrentHashMap<>();

  private MessageShapes() {}

  /// The shape of a message that is a whole object.
  public static Shape.Fields<Object> of(Descriptor message) {
    return struct(message);
  }

  static MessageShape struct(Descriptor message) {
    MessageShape known = COMPILED.get(message);
    if (known == null) {
      // Fields are compiled when somebody first looks: messages may hold themselves.
      known = new MessageShape(MessageSchema.of(message));
      COMPILED.put(message, known);
    }
    return known;
  }

  /// What somebody owns who makes this message: all that is in it, as a comparison with nothing
  /// finds it.
  public static FieldSet created(Message message) {
    return WireFields.of(struct(message.getDescriptorForType()), message.toByteArray());
  }

  /// The shape of what stands in a field.
  static Shape<Object> of(FieldSchema field) {
    if (field.isMap()) {
      return field.mapType() == MapType.MAP_ATOMIC
          ? MessageLeaf.PLAIN
          : new MessageMapShape(value(field));
    }
    if (field.isList()) {
      return switch (field.listType()) {
        case SET -> field.holdsMessages() ? leaf(field) : new MessageListShape(field, value(field));
        case MAP -> new MessageListShape(field, value(field));
        case ATOMIC, LIST_TYPE_UNSPECIFIED, UNRECOGNIZED -> leaf(field);
      };
    }
    return field.mapType() == MapType.MAP_ATOMIC ? leaf(field) : value(field);
  }

  /// The shape of a field's value, or of one of its elements or entries.
  private static Shape<Object> value(FieldSchema field) {
    if (!field.holdsMessages()) {
      return MessageLeaf.PLAIN;
    }
    MessageSchema message = field.message();
    return message.jsonForm() != JsonForm.OBJECT || message.atomic()
        ? leaf(field)
        : struct(message.descriptor());
  }

  private static Shape<Object> leaf(FieldSchema field) {
    return field.holdsMessages() && field.message().jsonForm() == JsonForm.QUANTITY
        ? MessageLeaf.QUANTITY
        : MessageLeaf.PLAIN;
  }
}
