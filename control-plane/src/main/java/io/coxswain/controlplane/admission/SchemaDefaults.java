package io.coxswain.controlplane.admission;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
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
    void setIn(Message.Builder object) {
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        // to ask for a builder is to make the empty message present
        object.getFieldBuilder(field);
      } else {
        object.setField(field, value);
      }
    }
  }

  private SchemaDefaults() {}

  static void apply(Message.Builder object) {
    apply(object, plan(object.getDescriptorForType()));
  }

  private static void apply(Message.Builder object, Plan plan) {
    for (Constant constant : plan.constants()) {
      if (!object.hasField(constant.field())) {
        constant.setIn(object);
      }
    }
    for (FieldSchema field : plan.descents()) {
      FieldDescriptor descriptor = field.descriptor();
      if (field.isList()) {
        for (int i = 0; i < object.getRepeatedFieldCount(descriptor); i++) {
          SchemaDefaults.apply(object.getRepeatedFieldBuilder(descriptor, i));
        }
      } else if (object.hasField(descriptor)) {
        SchemaDefaults.apply(object.getFieldBuilder(descriptor));
      }
    }
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
