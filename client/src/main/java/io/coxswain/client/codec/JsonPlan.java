package io.coxswain.client.codec;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
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

  /// One field. What is asked at every value is looked up once: a descriptor finds it anew each
  /// time.
  static final class Field {

    private final FieldSchema schema;
    private final BuilderAccess writing;
    private final SerializedString name;
    private final Shape shape;
    private final JavaType type;
    private final JsonForm form;
    private final boolean nullWhenAbsent;
    private volatile @Nullable JsonPlan plan;

    private Field(FieldSchema schema) {
      this.schema = schema;
      this.writing = BuilderAccess.of(schema.descriptor());
      this.name = new SerializedString(schema.jsonName());
      this.shape = shapeOf(schema);
      this.type = schema.valueDescriptor().getJavaType();
      this.form = schema.holdsMessages() ? schema.message().jsonForm() : JsonForm.OBJECT;
      boolean timed = form == JsonForm.TIME || form == JsonForm.MICRO_TIME;
      this.nullWhenAbsent = schema.descriptor().hasPresence() && (timed || !schema.byValue());
    }

    private static Shape shapeOf(FieldSchema schema) {
      if (schema.inline()) {
        return Shape.INLINE;
      }
      return schema.isMap() ? Shape.MAP : schema.isList() ? Shape.LIST : Shape.SINGLE;
    }

    FieldDescriptor descriptor() {
      return schema.descriptor();
    }

    /// The field itself, or of a map its values.
    FieldDescriptor value() {
      return schema.valueDescriptor();
    }

    /// Of one value.
    JavaType type() {
      return type;
    }

    FieldAccess access() {
      return schema.access();
    }

    BuilderAccess writing() {
      return writing;
    }

    SerializedString name() {
      return name;
    }

    Shape shape() {
      return shape;
    }

    /// Of the message held; OBJECT for scalars too.
    JsonForm form() {
      return form;
    }

    boolean printedEmpty() {
      return schema.required() || schema.byValue();
    }

    /// A message whose absence and emptiness are one.
    boolean byValue() {
      return schema.byValue();
    }

    /// Whether an absent value is printed as null: where zero would mean something else, and for
    /// times.
    boolean nullWhenAbsent() {
      return nullWhenAbsent;
    }

    boolean isMessage() {
      return type == JavaType.MESSAGE;
    }

    /// Looked up when it is first needed: messages may hold themselves.
    JsonPlan plan() {
      JsonPlan known = plan;
      if (known == null) {
        known = JsonPlan.of(value().getMessageType());
        plan = known;
      }
      return known;
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
      compiled.add(new Field(field));
    }
    this.fields = compiled.toArray(Field[]::new);
    schema
        .jsonFields()
        .forEach((name, place) -> {
          List<Field> steps = place.inlined().stream().map(Field::new).toList();
          targets.put(name, new Target(steps, new Field(place.field()), targets.size()));
        });
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
