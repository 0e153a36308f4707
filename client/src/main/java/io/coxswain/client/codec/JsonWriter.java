package io.coxswain.client.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.api.intstr.IntOrString;
import io.coxswain.api.meta.v1.MicroTime;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.JsonPlan.Field;
import io.coxswain.schema.ObjectKind;
import io.coxswain.schema.options.JsonForm;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;

/// Writes messages as Kubernetes' JSON.
final class JsonWriter {

  private static final SerializedString KIND = new SerializedString("kind");
  private static final SerializedString API_VERSION = new SerializedString("apiVersion");

  /// Whole numbers up to here are exact in a double.
  private static final double MOST_EXACT = 1L << 53;

  private final JsonFactory factory;
  private final JsonGenerator out;
  private final boolean text;

  /// @param text whether `out` writes text, and makes no tree
  JsonWriter(JsonFactory factory, JsonGenerator out, boolean text) {
    this.factory = factory;
    this.out = out;
    this.text = text;
  }

  /// An object that stands on its own.
  void writeObject(Message message, ObjectKind kind) {
    out.writeStartObject();
    out.writeName(KIND);
    out.writeString(kind.kind());
    out.writeName(API_VERSION);
    out.writeString(kind.apiVersion());
    writeFields(message, JsonPlan.of(message.getDescriptorForType()));
    out.writeEndObject();
  }

  void writeMessage(Message message, JsonForm form) {
    switch (form) {
      case OBJECT -> writeStruct(message, JsonPlan.of(message.getDescriptorForType()));
      case QUANTITY -> out.writeString(Quantities.canonical(((Quantity) message).getString()));
      case TIME -> {
        if (message instanceof Time time && !isZero(time.getSeconds(), time.getNanos())) {
          out.writeString(Times.formatSeconds(Times.instant(time)));
        } else {
          out.writeNull();
        }
      }
      case MICRO_TIME -> {
        if (message instanceof MicroTime time && !isZero(time.getSeconds(), time.getNanos())) {
          out.writeString(Times.formatMicros(Times.instant(time)));
        } else {
          out.writeNull();
        }
      }
      case INT_OR_STRING -> {
        IntOrString either = (IntOrString) message;
        if (either.getType() == 0) {
          out.writeNumber(either.getIntVal());
        } else {
          out.writeString(either.getStrVal());
        }
      }
      case DURATION -> out.writeString(Times.formatDuration((Long) only(message)));
      case RAW -> writeRaw((ByteString) only(message));
      case STRINGS -> {
        out.writeStartArray();
        for (Object item : (List<?>) only(message)) {
          out.writeString((String) item);
        }
        out.writeEndArray();
      }
      case EITHER -> writeEither(message);
      case UNRECOGNIZED ->
          throw new IllegalStateException(
              "no JSON form for " + message.getDescriptorForType().getFullName());
    }
  }

  private void writeStruct(Message message, JsonPlan plan) {
    out.writeStartObject();
    writeFields(message, plan);
    out.writeEndObject();
  }

  /// Whichever field is set stands for the whole: a message or list before a flag, which is then
  /// only its consequence.
  private void writeEither(Message message) {
    JsonPlan plan = JsonPlan.of(message.getDescriptorForType());
    for (Field field : plan.fields) {
      boolean list = field.shape() == JsonPlan.Shape.LIST;
      if (list && message.getRepeatedFieldCount(field.descriptor()) > 0) {
        out.writeStartArray();
        for (Object item : (List<?>) message.getField(field.descriptor())) {
          writeScalarOrMessage(item, field);
        }
        out.writeEndArray();
        return;
      }
      if (!list && field.isMessage() && message.hasField(field.descriptor())) {
        writeScalarOrMessage(message.getField(field.descriptor()), field);
        return;
      }
    }
    for (Field field : plan.fields) {
      if (field.type() == FieldDescriptor.JavaType.BOOLEAN) {
        out.writeBoolean((Boolean) message.getField(field.descriptor()));
        return;
      }
    }
    out.writeNull();
  }

  /// What upstream calls the zero time, year 1, is no time at all; so is the empty message.
  private static boolean isZero(long seconds, int nanos) {
    return nanos == 0 && (seconds == 0 || seconds == Times.GO_ZERO_SECONDS);
  }

  private static Object only(Message message) {
    return message.getField(message.getDescriptorForType().getFields().getFirst());
  }

  private void writeRaw(ByteString raw) {
    if (raw.isEmpty()) {
      out.writeNull();
    } else {
      RawTexts.write(factory, raw, out, text);
    }
  }

  private void writeFields(Message message, JsonPlan plan) {
    for (Field field : plan.fields) {
      switch (field.shape()) {
        case INLINE -> writeFields((Message) field.access().get(message), field.plan());
        case SINGLE -> {
          boolean present = field.access().has(message);
          if (present || field.printedEmpty()) {
            out.writeName(field.name());
            writeValue(message, field, present);
          }
        }
        case LIST -> {
          if (field.printedEmpty() || field.access().has(message)) {
            out.writeName(field.name());
            out.writeStartArray();
            List<?> items = field.access().list(message);
            for (int i = 0; i < items.size(); i++) {
              writeScalarOrMessage(items.get(i), field);
            }
            out.writeEndArray();
          }
        }
        case MAP -> {
          if (field.printedEmpty() || field.access().has(message)) {
            out.writeName(field.name());
            writeMap(field.access().map(message), field);
          }
        }
      }
    }
  }

  private void writeValue(Message message, Field field, boolean present) {
    if (!present && field.nullWhenAbsent()) {
      out.writeNull();
    } else {
      writeScalarOrMessage(field.access().get(message), field);
    }
  }

  /// A whole number has no decimals, as Go writes it.
  private void writeDouble(double value) {
    if (value == Math.rint(value) && Math.abs(value) < MOST_EXACT) {
      out.writeNumber((long) value);
    } else {
      out.writeNumber(value);
    }
  }

  private void writeMap(Map<String, ?> entries, Field field) {
    out.writeStartObject();
    (entries.size() > 1 ? new TreeMap<>(entries) : entries)
        .forEach((key, value) -> {
          out.writeName(key);
          writeScalarOrMessage(value, field);
        });
    out.writeEndObject();
  }

  private void writeScalarOrMessage(Object value, Field field) {
    FieldDescriptor.JavaType type = field.type();
    switch (type) {
      case STRING -> out.writeString((String) value);
      case INT -> out.writeNumber((Integer) value);
      case LONG -> out.writeNumber((Long) value);
      case BOOLEAN -> out.writeBoolean((Boolean) value);
      case DOUBLE -> writeDouble((Double) value);
      case FLOAT -> out.writeNumber((Float) value);
      case BYTE_STRING ->
          out.writeString(Base64.getEncoder().encodeToString(((ByteString) value).toByteArray()));
      case MESSAGE -> {
        if (field.form() == JsonForm.OBJECT) {
          writeStruct((Message) value, field.plan());
        } else {
          writeMessage((Message) value, field.form());
        }
      }
      case ENUM ->
          throw new IllegalStateException(
              field.descriptor().getFullName() + ": no enums in the API");
    }
  }
}
