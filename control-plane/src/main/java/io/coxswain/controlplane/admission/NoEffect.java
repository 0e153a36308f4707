package io.coxswain.controlplane.admission;

import com.google.protobuf.Message;
import io.coxswain.schema.FieldAccess;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.options.JsonForm;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Fields that the schema marks as accepted and without effect: each one that is set is named once.
final class NoEffect {

  private static final String WORDS = ": has no effect in this cluster";

  /// Whether a message or one below it has such a field: most have none, and objects are many.
  private static final Map<MessageSchema, Boolean> KNOWN = new ConcurrentHashMap<>();

  private static final Map<MessageSchema, List<FieldSchema>> LOOKED = new ConcurrentHashMap<>();

  private NoEffect() {}

  /// @param path of the message from the object's root
  static void collect(Message message, String path, List<String> warnings) {
    for (FieldSchema field : looked(MessageSchema.of(message.getDescriptorForType()))) {
      String at = field.inline() ? path : SchemaRules.child(path, field.jsonName());
      if (field.isList()) {
        items(message, field, at, warnings);
      } else if (field.access().has(message)) {
        Object value = field.access().get(message);
        if (!field.noEffect()) {
          collect((Message) value, at, warnings);
        } else if (!isNeutral(field, value)) {
          warnings.add(at + WORDS);
        }
      }
    }
  }

  /// The fields of a message that are worth a look.
  private static List<FieldSchema> looked(MessageSchema message) {
    List<FieldSchema> known = LOOKED.get(message);
    if (known == null) {
      known =
          message.fields().stream()
              .filter(field -> !field.isMap() && (field.noEffect() || mayHold(field)))
              .toList();
      LOOKED.put(message, known);
    }
    return known;
  }

  private static void items(Message message, FieldSchema field, String at, List<String> warnings) {
    FieldAccess list = field.access();
    int count = list.count(message);
    if (field.noEffect()) {
      if (count > 0) {
        warnings.add(at + WORDS);
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      Message item = (Message) list.list(message).get(i);
      collect(item, at + "[" + i + "]", warnings);
    }
  }

  private static boolean isNeutral(FieldSchema field, Object value) {
    String json = value instanceof String text ? '"' + text + '"' : String.valueOf(value);
    return json.equals(field.neutralJson()) || json.equals(field.defaultJson());
  }

  private static boolean mayHold(FieldSchema field) {
    if (field.isMap() || !field.holdsMessages() || field.message().jsonForm() != JsonForm.OBJECT) {
      return false;
    }
    MessageSchema message = field.message();
    Boolean known = KNOWN.get(message);
    if (known == null) {
      // A message that holds itself is answered for while its answer is being found.
      KNOWN.put(message, true);
      known = message.fields().stream().anyMatch(inner -> inner.noEffect() || mayHold(inner));
      KNOWN.put(message, known);
    }
    return known;
  }
}
