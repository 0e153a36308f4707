package io.coxswain.controlplane.admission;

import com.google.protobuf.Descriptors.Descriptor;
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
import org.jspecify.annotations.Nullable;

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
          "coxswain.api.meta.v1.Condition.message",
          // the server's own
          "coxswain.api.storage.v1.TokenRequest.audience",
          // their own rules say what an empty one is not
          "coxswain.api.resource.v1.AllocatedDeviceStatus.device",
          "coxswain.api.resource.v1.CELDeviceSelector.expression",
          "coxswain.api.resource.v1.Device.name",
          "coxswain.api.resource.v1.DeviceRequest.name",
          "coxswain.api.resource.v1.DeviceRequestAllocationResult.device",
          "coxswain.api.resource.v1.DeviceRequestAllocationResult.request",
          "coxswain.api.resource.v1.DeviceSubRequest.name",
          "coxswain.api.resource.v1.DeviceTaint.key");

  /// The fields of a message of which the schema says something, by themselves or below.
  private static final Map<Descriptor, List<FieldSchema>> RULES = new ConcurrentHashMap<>();

  /// Where a value is. Nearly all are good, so that the text is made for the others alone.
  ///
  /// @param in the value that this is a part of; null for the object's own fields
  /// @param step the field's name, or what stands in brackets
  private record Place(@Nullable Place in, Object step) {

    @Override
    public String toString() {
      if (!(step instanceof FieldSchema field)) {
        return in + "[" + step + "]";
      }
      return in == null ? field.jsonName() : in + "." + field.jsonName();
    }
  }

  private SchemaRules() {}

  static void check(Message object, Problems problems) {
    for (FieldSchema field : rules(object.getDescriptorForType())) {
      if (!SKIPPED.contains(field.jsonName())) {
        checkField(object, field, null, problems);
      }
    }
  }

  /// The same of a status, where its writers may be in error.
  static void checkStatus(Message object, Problems problems) {
    MessageSchema.of(object.getDescriptorForType())
        .field("status")
        .ifPresent(status -> checkField(object, status, null, problems));
  }

  private static List<FieldSchema> rules(Descriptor message) {
    List<FieldSchema> known = RULES.get(message);
    if (known == null) {
      known = MessageSchema.of(message).fields().stream().filter(SchemaRules::says).toList();
      RULES.put(message, known);
    }
    return known;
  }

  private static boolean says(FieldSchema field) {
    return field.required()
        || field.bounded()
        || !field.enumValues().isEmpty()
        || !field.format().isEmpty()
        || holdsObjects(field)
        || (field.holdsMessages() && isQuantity(field));
  }

  private static boolean isQuantity(FieldSchema field) {
    return field.valueDescriptor().getMessageType().equals(Quantity.getDescriptor());
  }

  private static boolean holdsObjects(FieldSchema field) {
    return field.holdsMessages() && field.message().jsonForm() == JsonForm.OBJECT;
  }

  private static void checkMessage(Message message, @Nullable Place place, Problems problems) {
    for (FieldSchema field : rules(message.getDescriptorForType())) {
      checkField(message, field, place, problems);
    }
  }

  private static void checkField(
      Message owner, FieldSchema field, @Nullable Place place, Problems problems) {
    if (field.inline()) {
      checkMessage((Message) field.access().get(owner), place, problems);
    } else if (!field.access().has(owner)) {
      if (field.required() && !field.descriptor().isRepeated()) {
        checkAbsent(field, new Place(place, field).toString(), problems);
      }
    } else if (field.isMap()) {
      checkMap(owner, field, new Place(place, field), problems);
    } else if (field.isList()) {
      Place list = new Place(place, field);
      List<?> items = field.access().list(owner);
      for (int i = 0; i < items.size(); i++) {
        checkValue(items.get(i), field, new Place(list, i), problems);
      }
    } else {
      checkValue(field.access().get(owner), field, new Place(place, field), problems);
    }
  }

  private static void checkMap(Message owner, FieldSchema field, Place map, Problems problems) {
    if (!field.holdsMessages()) {
      return;
    }
    field
        .access()
        .map(owner)
        .forEach((key, value) -> checkValue(value, field, new Place(map, key), problems));
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

  private static void checkValue(Object value, FieldSchema field, Place place, Problems problems) {
    switch (value) {
      case String text -> checkText(text, field, place, problems);
      case Integer number -> checkNumber(number, field, place, problems);
      case Long number -> checkNumber(number, field, place, problems);
      case Quantity quantity -> checkQuantity(quantity, place, problems);
      case Message message -> {
        if (holdsObjects(field)) {
          checkMessage(message, place, problems);
        }
      }
      default -> {
        // nothing is promised of the other types
      }
    }
  }

  private static void checkText(String text, FieldSchema field, Place place, Problems problems) {
    if (!field.enumValues().isEmpty() && !text.isEmpty() && !field.enumValues().contains(text)) {
      problems.unsupported(place.toString(), text, field.enumValues());
    }
    if (!field.format().isEmpty() && !text.isEmpty()) {
      format(field.format(), text)
          .ifPresent(detail -> problems.invalid(place.toString(), text, detail));
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

  private static void checkNumber(long number, FieldSchema field, Place place, Problems problems) {
    if (field.bounded() && (number < field.minimum() || number > field.maximum())) {
      problems.invalid(place.toString(), number, bounds(field));
    }
  }

  private static String bounds(FieldSchema field) {
    if (field.maximum() == Long.MAX_VALUE) {
      return "must be greater than or equal to " + field.minimum();
    }
    return "must be between " + field.minimum() + " and " + field.maximum() + ", inclusive";
  }

  private static void checkQuantity(Quantity quantity, Place place, Problems problems) {
    try {
      Quantities.amount(quantity);
    } catch (IllegalArgumentException e) {
      problems.invalid(place.toString(), quantity.getString(), String.valueOf(e.getMessage()));
    }
  }

  /// Notes every field marked immutable that differs.
  static void checkUnchanged(Message before, Message after, String path, Problems problems) {
    Descriptor descriptor = after.getDescriptorForType();
    for (FieldSchema field : MessageSchema.of(descriptor).fields()) {
      String at = child(path, field.jsonName());
      if (field.immutable()) {
        Object value = after.getField(field.descriptor());
        if (!before.getField(field.descriptor()).equals(value)) {
          problems.invalidJson(at, shown(value), "field is immutable");
        }
      } else if (isNested(field)) {
        FieldAccess access = field.access();
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
