package io.coxswain.controlplane.admission;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Quantities;
import io.coxswain.schema.FieldAccess;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.options.JsonForm;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// What the schema alone says about an object: required strings, allowed values, bounds, shapes,
/// quantities, and what may not change.
final class SchemaRules {

  private static final JsonCodec CODEC = new JsonCodec(Long.MAX_VALUE);

  /// Not the author's to write, and judged elsewhere.
  private static final Set<String> SKIPPED = Set.of("metadata", "status");

  /// Required in JSON, but an empty text means something.
  private static final Set<String> MAY_BE_EMPTY =
      Set.of(
          "coxswain.api.core.v1.HTTPHeader.value",
          "coxswain.api.core.v1.Sysctl.value",
          "coxswain.api.meta.v1.Condition.message");

  /// A field of which the schema says something, by itself or below.
  private record Rule(FieldSchema field, FieldAccess access) {}

  private static final Map<MessageSchema, List<Rule>> RULES = new ConcurrentHashMap<>();

  private SchemaRules() {}

  static void check(Message object, Problems problems) {
    for (Rule rule : rules(MessageSchema.of(object.getDescriptorForType()))) {
      if (!SKIPPED.contains(rule.field().jsonName())) {
        checkField(object, rule, "", problems);
      }
    }
  }

  private static List<Rule> rules(MessageSchema message) {
    List<Rule> known = RULES.get(message);
    if (known == null) {
      known =
          message.fields().stream()
              .filter(SchemaRules::says)
              .map(field -> new Rule(field, FieldAccess.of(field.descriptor())))
              .toList();
      RULES.put(message, known);
    }
    return known;
  }

  private static boolean says(FieldSchema field) {
    return field.required()
        || field.bounded()
        || !field.enumValues().isEmpty()
        || !field.format().isEmpty()
        || field.holdsMessages();
  }

  private static void checkMessage(Message message, String path, Problems problems) {
    for (Rule rule : rules(MessageSchema.of(message.getDescriptorForType()))) {
      checkField(message, rule, path, problems);
    }
  }

  private static void checkField(Message owner, Rule rule, String path, Problems problems) {
    FieldSchema field = rule.field();
    boolean present = rule.access().has(owner);
    if (field.isMap()) {
      if (present) {
        checkMap(owner, field, path, problems);
      }
    } else if (field.isList()) {
      if (present) {
        checkList(rule.access().list(owner), field, path, problems);
      }
    } else if (field.inline()) {
      checkMessage((Message) rule.access().get(owner), path, problems);
    } else if (present) {
      checkValue(rule.access().get(owner), field, child(path, field.jsonName()), problems);
    } else if (field.required()) {
      checkAbsent(field, child(path, field.jsonName()), problems);
    }
  }

  private static void checkList(List<?> items, FieldSchema field, String path, Problems problems) {
    String list = child(path, field.jsonName());
    for (int i = 0; i < items.size(); i++) {
      checkValue(items.get(i), field, list + "[" + i + "]", problems);
    }
  }

  private static void checkMap(Message owner, FieldSchema field, String path, Problems problems) {
    if (!field.holdsMessages()) {
      return;
    }
    for (Object entry : (List<?>) owner.getField(field.descriptor())) {
      MapEntry<?, ?> pair = (MapEntry<?, ?>) entry;
      checkValue(
          pair.getValue(),
          field,
          child(path, field.jsonName()) + "[" + pair.getKey() + "]",
          problems);
    }
  }

  private static void checkAbsent(FieldSchema field, String path, Problems problems) {
    switch (field.descriptor().getJavaType()) {
      case STRING -> {
        if (!MAY_BE_EMPTY.contains(field.descriptor().getFullName())) {
          problems.required(path);
        }
      }
      case INT, LONG -> {
        if (field.bounded() && field.minimum() > 0) {
          problems.invalid(path, 0, bounds(field));
        }
      }
      case BOOLEAN, DOUBLE, FLOAT, BYTE_STRING, ENUM, MESSAGE -> {
        // the kind's own rules know what their absence means
      }
    }
  }

  private static void checkValue(Object value, FieldSchema field, String path, Problems problems) {
    switch (value) {
      case String text -> checkText(text, field, path, problems);
      case Integer number -> checkNumber(number, field, path, problems);
      case Long number -> checkNumber(number, field, path, problems);
      case Quantity quantity -> checkQuantity(quantity, path, problems);
      case Message message -> {
        if (MessageSchema.of(message.getDescriptorForType()).jsonForm() == JsonForm.OBJECT) {
          checkMessage(message, path, problems);
        }
      }
      default -> {
        // nothing is promised of the other types
      }
    }
  }

  private static void checkText(String text, FieldSchema field, String path, Problems problems) {
    if (!field.enumValues().isEmpty() && !text.isEmpty() && !field.enumValues().contains(text)) {
      problems.unsupported(path, text, field.enumValues());
    }
    if (!field.format().isEmpty() && !text.isEmpty()) {
      format(field.format(), text).ifPresent(detail -> problems.invalid(path, text, detail));
    }
  }

  /// The formats that the schema knows: `dns-label`, `dns-subdomain`.
  private static Optional<String> format(String format, String text) {
    return switch (format) {
      case "dns-label" -> Names.label(text);
      case "dns-subdomain" -> Names.subdomain(text);
      default -> throw new IllegalStateException("the schema has no format " + format);
    };
  }

  private static void checkNumber(long number, FieldSchema field, String path, Problems problems) {
    if (field.bounded() && (number < field.minimum() || number > field.maximum())) {
      problems.invalid(path, number, bounds(field));
    }
  }

  private static String bounds(FieldSchema field) {
    if (field.maximum() == Long.MAX_VALUE) {
      return "must be greater than or equal to " + field.minimum();
    }
    return "must be between " + field.minimum() + " and " + field.maximum() + ", inclusive";
  }

  private static void checkQuantity(Quantity quantity, String path, Problems problems) {
    try {
      Quantities.amount(quantity);
    } catch (IllegalArgumentException e) {
      problems.invalid(path, quantity.getString(), String.valueOf(e.getMessage()));
    }
  }

  /// Notes every field marked immutable that differs.
  static void checkUnchanged(Message before, Message after, String path, Problems problems) {
    Descriptor descriptor = after.getDescriptorForType();
    for (FieldSchema field : MessageSchema.of(descriptor).fields()) {
      String at = child(path, field.jsonName());
      if (field.immutable()) {
        FieldAccess access = FieldAccess.of(field.descriptor());
        Object value = access.get(after);
        if (!access.get(before).equals(value)) {
          problems.invalidJson(at, shown(value), "field is immutable");
        }
      } else if (isNested(field)) {
        FieldAccess access = FieldAccess.of(field.descriptor());
        if (access.has(after)) {
          checkUnchanged((Message) access.get(before), (Message) access.get(after), at, problems);
        }
      }
    }
  }

  private static boolean isNested(FieldSchema field) {
    return !field.isList()
        && !field.isMap()
        && field.holdsMessages()
        && field.message().jsonForm() == JsonForm.OBJECT
        && !SKIPPED.contains(field.jsonName());
  }

  static String shown(Object value) {
    return switch (value) {
      case Message message -> CODEC.toTree(message).toString();
      case String text -> '"' + text + '"';
      default -> value.toString();
    };
  }

  static String child(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
