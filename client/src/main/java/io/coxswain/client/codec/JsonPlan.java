package io.coxswain.client.codec;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.coxswain.schema.BuilderAccess;
import io.coxswain.schema.FieldAccess;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.options.JsonForm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.SerializedString;

/// What the codec must know of a message, looked up once: names encoded, inlined fields found,
/// forms of the parts.
final class JsonPlan {

  private static final Map<Descriptor, JsonPlan> COMPILED = new ConcurrentHashMap<>();

  /// How a field stands in JSON.
  enum Shape {
    /// One value.
    SINGLE,
    LIST,
    MAP,
    /// Its fields stand in the parent.
    INLINE
  }

  /// @param value the field itself, or of a map its values
  /// @param form of the message held; OBJECT for scalars too
  /// @param byValue a message whose absence and emptiness are one
  record Field(
      FieldDescriptor descriptor,
      FieldDescriptor value,
      FieldAccess access,
      BuilderAccess writing,
      SerializedString name,
      Shape shape,
      JsonForm form,
      boolean printedEmpty,
      boolean byValue) {

    boolean isMessage() {
      return value.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
    }

    /// Looked up, not kept: messages may hold themselves.
    JsonPlan plan() {
      return JsonPlan.of(value.getMessageType());
    }
  }

  /// Where a JSON name leads.
  ///
  /// @param inlined fields to step into first, outermost first
  /// @param position tells names of one JSON object apart
  record Target(List<Field> inlined, Field field, int position) {}

  final Descriptor descriptor;
  final JsonForm form;
  final Field[] fields;
  private final Map<String, Target> targets = new HashMap<>();

  private JsonPlan(Descriptor descriptor) {
    MessageSchema schema = MessageSchema.of(descriptor);
    this.descriptor = descriptor;
    this.form = schema.jsonForm();
    List<Field> compiled = new ArrayList<>();
    for (FieldSchema field : schema.fields()) {
      compiled.add(compile(field));
    }
    this.fields = compiled.toArray(Field[]::new);
    schema
        .jsonFields()
        .forEach((name, place) -> {
          List<Field> steps = place.inlined().stream().map(JsonPlan::compile).toList();
          targets.put(name, new Target(steps, compile(place.field()), targets.size()));
        });
  }

  private static Field compile(FieldSchema field) {
    Shape shape =
        field.inline()
            ? Shape.INLINE
            : field.isMap() ? Shape.MAP : field.isList() ? Shape.LIST : Shape.SINGLE;
    JsonForm form = field.holdsMessages() ? field.message().jsonForm() : JsonForm.OBJECT;
    return new Field(
        field.descriptor(),
        field.valueDescriptor(),
        FieldAccess.of(field.descriptor()),
        BuilderAccess.of(field.descriptor()),
        new SerializedString(field.jsonName()),
        shape,
        form,
        field.required() || field.byValue(),
        field.byValue());
  }

  static JsonPlan of(Descriptor descriptor) {
    JsonPlan known = COMPILED.get(descriptor);
    if (known == null) {
      known = new JsonPlan(descriptor);
      COMPILED.put(descriptor, known);
    }
    return known;
  }

  @Nullable Target target(String name) {
    return targets.get(name);
  }

  int size() {
    return targets.size();
  }
}
