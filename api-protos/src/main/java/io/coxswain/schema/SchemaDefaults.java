package io.coxswain.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.coxswain.schema.options.JsonForm;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Fills in the constants of the schema's `default_value` options, in every message that is there.
/// Safe for use by many threads.
public final class SchemaDefaults {

  private static final Map<Descriptor, Plan> PLANS = new ConcurrentHashMap<>();

  /// @param constants what to set where it is absent
  /// @param descents fields below which there may be more to set
  private record Plan(List<Constant> constants, List<Descent> descents) {}

  private record Constant(FieldSchema field, BuilderAccess writing, Object value) {

    Constant(FieldSchema field, Object value) {
      this(field, BuilderAccess.of(field.descriptor()), value);
    }

    void setIn(Message.Builder object) {
      // of a message the constant is that it is there, with the constants of its own
      writing.put(object, field.holdsMessages() ? apply(writing.part(object).build()) : value);
    }
  }

  private record Descent(FieldSchema field, BuilderAccess writing) {

    Descent(FieldSchema field) {
      this(field, BuilderAccess.of(field.descriptor()));
    }
  }

  private SchemaDefaults() {}

  /// The same object when it has everything.
  public static Message apply(Message object) {
    Plan plan = plan(object.getDescriptorForType());
    Message.Builder changed = null;
    for (Constant constant : plan.constants()) {
      if (!constant.field().access().has(object)) {
        changed = changed == null ? object.toBuilder() : changed;
        constant.setIn(changed);
      }
    }
    for (Descent descent : plan.descents()) {
      if (descent.field().access().has(object)) {
        changed =
            descent.field().isList()
                ? applyToList(object, changed, descent)
                : applyToPart(object, changed, descent);
      }
    }
    return changed == null ? object : changed.build();
  }

  /// @param changed what is made of the object so far; null when it has everything so far
  @SuppressWarnings("ReferenceEquality") // what has everything comes back as it is
  private static Message.@Nullable Builder applyToPart(
      Message object, Message.@Nullable Builder changed, Descent descent) {
    Message part = (Message) descent.field().access().get(object);
    Message whole = apply(part);
    if (whole == part) {
      return changed;
    }
    Message.Builder changing = changed == null ? object.toBuilder() : changed;
    descent.writing().put(changing, whole);
    return changing;
  }

  @SuppressWarnings("ReferenceEquality") // what has everything comes back as it is
  private static Message.@Nullable Builder applyToList(
      Message object, Message.@Nullable Builder changed, Descent descent) {
    List<?> elements = descent.field().access().list(object);
    List<Message> wholes = new ArrayList<>(elements.size());
    boolean same = true;
    for (Object element : elements) {
      Message whole = apply((Message) element);
      same &= whole == element;
      wholes.add(whole);
    }
    if (same) {
      return changed;
    }
    Message.Builder changing = changed == null ? object.toBuilder() : changed;
    changing.clearField(descent.field().descriptor());
    wholes.forEach(whole -> descent.writing().put(changing, whole));
    return changing;
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
    List<Descent> descents = new ArrayList<>();
    for (FieldSchema field : MessageSchema.of(descriptor).fields()) {
      if (!field.defaultJson().isEmpty()) {
        constants.add(new Constant(field, parse(field)));
      }
      if (mayHoldDefaults(field, new HashSet<>())) {
        descents.add(new Descent(field));
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
