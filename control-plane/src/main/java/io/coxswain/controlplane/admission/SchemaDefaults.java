package io.coxswain.controlplane.admission;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.schema.BuilderAccess;
import io.coxswain.schema.FieldAccess;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.options.JsonForm;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Fills in the constants of the schema's `default_value` options, in every message that is there.
final class SchemaDefaults {

  private static final Map<Descriptor, Plan> PLANS = new ConcurrentHashMap<>();

  /// @param constants what to set where it is absent
  /// @param descents fields below which there may be more to set
  private record Plan(List<Constant> constants, List<FieldSchema> descents) {}

  private record Constant(FieldDescriptor field, Object value) {

    boolean isMissing(Message object) {
      return !FieldAccess.of(field).has(object);
    }

    void setIn(Message.Builder object) {
      BuilderAccess writing = BuilderAccess.of(field);
      boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
      // of a message the constant is that it is there
      writing.put(object, message ? writing.part(object).build() : value);
    }
  }

  private SchemaDefaults() {}

  /// The same object when it has everything.
  static Message apply(Message object) {
    Plan plan = plan(object.getDescriptorForType());
    Message.Builder changed = null;
    for (Constant constant : plan.constants()) {
      if (constant.isMissing(object)) {
        changed = changed == null ? object.toBuilder() : changed;
        constant.setIn(changed);
      }
    }
    Message whole = changed == null ? object : changed.build();
    for (FieldSchema field : plan.descents()) {
      whole = field.isList() ? applyToList(whole, field) : applyToPart(whole, field);
    }
    return whole;
  }

  @SuppressWarnings("ReferenceEquality") // what has everything comes back as it is
  private static Message applyToPart(Message object, FieldSchema field) {
    FieldAccess reading = FieldAccess.of(field.descriptor());
    if (!reading.has(object)) {
      return object;
    }
    Message part = (Message) reading.get(object);
    Message whole = apply(part);
    if (whole == part) {
      return object;
    }
    Message.Builder changed = object.toBuilder();
    BuilderAccess.of(field.descriptor()).put(changed, whole);
    return changed.build();
  }

  @SuppressWarnings("ReferenceEquality") // what has everything comes back as it is
  private static Message applyToList(Message object, FieldSchema field) {
    List<?> elements = FieldAccess.of(field.descriptor()).list(object);
    Message.Builder changed = null;
    for (int i = 0; i < elements.size(); i++) {
      Message element = (Message) elements.get(i);
      Message whole = apply(element);
      if (whole != element) {
        changed = changed == null ? object.toBuilder() : changed;
        changed.setRepeatedField(field.descriptor(), i, whole);
      }
    }
    return changed == null ? object : changed.build();
  }

  private static Plan plan(Descriptor descriptor) {
    Plan known = PLANS.get(descriptor);
    if (known == null) {
      known = compile(descriptor);
      PLANS.put(descriptor, known);
    }
    return known;
  }

  private static Plan compile(Descriptor descriptor) {
    List<Constant> constants = new ArrayList<>();
    List<FieldSchema> descents = new ArrayList<>();
    for (FieldSchema field : MessageSchema.of(descriptor).fields()) {
      if (!field.defaultJson().isEmpty()) {
        constants.add(new Constant(field.descriptor(), parse(field)));
      }
      if (mayHoldDefaults(field, new HashSet<>())) {
        descents.add(field);
      }
    }
    return new Plan(List.copyOf(constants), List.copyOf(descents));
  }

  private static boolean mayHoldDefaults(FieldSchema field, Set<Descriptor> seen) {
    if (field.isMap() || !field.holdsMessages() || field.message().jsonForm() != JsonForm.OBJECT) {
      return false;
    }
    MessageSchema message = field.message();
    return seen.add(message.descriptor())
        && message.fields().stream()
            .anyMatch(inner -> !inner.defaultJson().isEmpty() || mayHoldDefaults(inner, seen));
  }

  private static Object parse(FieldSchema field) {
    String json = field.defaultJson();
    return switch (field.descriptor().getJavaType()) {
      case STRING -> json.substring(1, json.length() - 1);
      case INT -> Integer.valueOf(json);
      case LONG -> Long.valueOf(json);
      case BOOLEAN -> Boolean.valueOf(json);
      case MESSAGE -> json;
      case DOUBLE, FLOAT, BYTE_STRING, ENUM ->
          throw new IllegalStateException(
              field.descriptor().getFullName() + ": no default of this type");
    };
  }
}
