package io.coxswain.client.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.api.intstr.IntOrString;
import io.coxswain.api.meta.v1.MicroTime;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.client.codec.JsonPlan.Field;
import io.coxswain.client.codec.JsonPlan.Target;
import io.coxswain.schema.ObjectKind;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.json.JsonFactory;

/// Reads one document into a message. What is wrong is noted with its path and reading goes on, so
/// that a person learns of everything at once.
final class JsonReader {

  /// Enough to work on; the rest is only counted.
  private static final int MOST_PROBLEMS = 50;

  private final JsonFactory factory;
  private final JsonParser parser;
  private final boolean lookForStrays;
  private final FieldPath path = new FieldPath();
  private final List<String> errors = new ArrayList<>();
  private final List<String> strays = new ArrayList<>();
  private int more;
  private String apiVersion = "";
  private String kind = "";

  /// @param lookForStrays whether unknown and duplicate fields are noted
  JsonReader(JsonFactory factory, JsonParser parser, boolean lookForStrays) {
    this.factory = factory;
    this.parser = parser;
    this.lookForStrays = lookForStrays;
  }

  /// What made the document unreadable, each with its path.
  List<String> errors() {
    return counted(errors);
  }

  /// Fields unknown or given twice.
  List<String> strays() {
    return counted(strays);
  }

  private List<String> counted(List<String> problems) {
    if (more == 0 || problems.size() < MOST_PROBLEMS) {
      return problems;
    }
    List<String> all = new ArrayList<>(problems);
    all.add("and " + more + " more");
    return all;
  }

  /// What the document says it is; parts that it does not say are empty.
  ObjectKind kind() {
    return ObjectKind.of(apiVersion, kind);
  }

  /// Reads the root object; the parser stands on its start.
  void readRoot(Message.Builder into, JsonPlan plan) {
    readObject(into, plan, true);
  }

  private void error(String text) {
    note(errors, text);
  }

  private void stray(String what, String name) {
    if (lookForStrays) {
      int mark = path.enter(name);
      note(strays, what + " field \"" + path + "\"");
      path.leave(mark);
    }
  }

  private void note(List<String> problems, String text) {
    if (problems.size() < MOST_PROBLEMS) {
      problems.add(text);
    } else {
      more++;
    }
  }

  /// The value on which the parser stands is not what belongs here: notes that and passes over it.
  private void mismatch(String expected) {
    error(
        "json: cannot unmarshal "
            + describe(parser.currentToken())
            + " into field "
            + path
            + " of type "
            + expected);
    parser.skipChildren();
  }

  private static String describe(@Nullable JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "object";
      case START_ARRAY -> "array";
      case VALUE_STRING -> "string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "number";
      case VALUE_TRUE, VALUE_FALSE -> "bool";
      case null, default -> "value";
    };
  }

  private void readObject(Message.Builder into, JsonPlan plan, boolean root) {
    BitSet seen = new BitSet(plan.size());
    String name;
    while ((name = parser.nextName()) != null) {
      Target target = plan.target(name);
      if (target == null) {
        parser.nextToken();
        if (!readTypeMeta(name, root)) {
          stray("unknown", name);
        }
        parser.skipChildren();
        continue;
      }
      if (seen.get(target.position())) {
        stray("duplicate", name);
        clear(into, target);
      }
      seen.set(target.position());
      Message.Builder owner = into;
      for (Field step : target.inlined()) {
        owner = owner.getFieldBuilder(step.descriptor());
      }
      int mark = path.enter(name);
      if (parser.nextToken() != JsonToken.VALUE_NULL) {
        readField(owner, target.field());
      }
      path.leave(mark);
    }
  }

  /// The last of two fields of a name counts.
  private static void clear(Message.Builder into, Target target) {
    Message.Builder owner = into;
    for (Field step : target.inlined()) {
      owner = owner.getFieldBuilder(step.descriptor());
    }
    owner.clearField(target.field().descriptor());
  }

  /// Any object may carry these two; only the outermost one's count.
  private boolean readTypeMeta(String name, boolean root) {
    boolean isKind = name.equals("kind");
    if (!isKind && !name.equals("apiVersion")) {
      return false;
    }
    if (!root) {
      return path.isListItem();
    }
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      if (isKind) {
        kind = parser.getString();
      } else {
        apiVersion = parser.getString();
      }
    } else if (parser.currentToken() != JsonToken.VALUE_NULL) {
      int mark = path.enter(name);
      error(
          "json: cannot unmarshal "
              + describe(parser.currentToken())
              + " into field "
              + path
              + " of type string");
      path.leave(mark);
    }
    return true;
  }

  private void readField(Message.Builder owner, Field field) {
    switch (field.shape()) {
      case SINGLE, INLINE -> {
        Object value = readValue(owner, field);
        if (value != null && !isNothing(value, field)) {
          field.writing().put(owner, value);
        }
      }
      case LIST -> readList(owner, field);
      case MAP -> readMap(owner, field);
    }
  }

  /// An empty message that means the same as none is not kept: equal objects have equal bytes.
  private static boolean isNothing(Object value, Field field) {
    if (!field.byValue() || !(value instanceof Message message)) {
      return false;
    }
    return message.getSerializedSize() == 0 || message.equals(Quantities.ZERO);
  }

  private void readList(Message.Builder owner, Field field) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      mismatch("a list of " + typeName(field));
      return;
    }
    for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
      int mark = path.enter(i);
      Object value =
          parser.currentToken() == JsonToken.VALUE_NULL
              ? emptyValue(owner, field)
              : readValue(owner, field);
      if (value != null) {
        field.writing().put(owner, value);
      }
      path.leave(mark);
    }
  }

  private void readMap(Message.Builder owner, Field field) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      mismatch("a map of string to " + typeName(field));
      return;
    }
    Set<String> seen = new HashSet<>();
    String key;
    while ((key = parser.nextName()) != null) {
      key = WholeText.of(key);
      if (!seen.add(key)) {
        stray("duplicate", key);
      }
      int mark = path.enter(key);
      Object value =
          parser.nextToken() == JsonToken.VALUE_NULL
              ? emptyValue(owner, field)
              : readValue(owner, field);
      if (value != null) {
        field.writing().putEntry(owner, key, value);
      }
      path.leave(mark);
    }
  }

  /// What null means inside a list or map.
  private static Object emptyValue(Message.Builder owner, Field field) {
    // The default value of a repeated field is an empty list, not an item.
    return switch (field.type()) {
      case MESSAGE -> field.writing().part(owner).build();
      case STRING -> "";
      case BOOLEAN -> false;
      case INT -> 0;
      case LONG -> 0L;
      case DOUBLE -> 0.0;
      case FLOAT -> 0.0f;
      case BYTE_STRING -> ByteString.EMPTY;
      case ENUM -> throw new IllegalStateException(field.descriptor().getFullName());
    };
  }

  /// One value, or null when it was not one; that is noted then.
  private @Nullable Object readValue(Message.Builder owner, Field field) {
    JsonToken token = parser.currentToken();
    if (field.isMessage()) {
      return readMessage(owner, field, token);
    }
    return switch (field.type()) {
      case STRING ->
          token == JsonToken.VALUE_STRING ? WholeText.of(parser.getString()) : wrong(field);
      case BOOLEAN ->
          token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE
              ? (Object) (token == JsonToken.VALUE_TRUE)
              : wrong(field);
      case INT -> token == JsonToken.VALUE_NUMBER_INT ? readInt(field) : wrong(field);
      case LONG -> token == JsonToken.VALUE_NUMBER_INT ? readLong(field) : wrong(field);
      case DOUBLE -> token.isNumeric() ? readDouble(field) : wrong(field);
      case FLOAT -> token.isNumeric() ? (Object) parser.getFloatValue() : wrong(field);
      case BYTE_STRING -> token == JsonToken.VALUE_STRING ? readBytes() : wrong(field);
      case ENUM, MESSAGE -> throw new IllegalStateException(field.descriptor().getFullName());
    };
  }

  private @Nullable Object wrong(Field field) {
    mismatch(typeName(field));
    return null;
  }

  private static String typeName(Field field) {
    if (field.isMessage()) {
      return switch (field.form()) {
        case QUANTITY -> "quantity";
        case TIME, MICRO_TIME -> "time";
        case INT_OR_STRING -> "int or string";
        case DURATION -> "duration";
        case STRINGS -> "list of string";
        case OBJECT, RAW, EITHER, UNRECOGNIZED -> field.value().getMessageType().getName();
      };
    }
    return switch (field.type()) {
      case INT -> "int32";
      case LONG -> "int64";
      case BOOLEAN -> "bool";
      case DOUBLE, FLOAT -> "number";
      case BYTE_STRING -> "base64 string";
      case STRING, ENUM, MESSAGE -> "string";
    };
  }

  private @Nullable Object readInt(Field field) {
    try {
      return parser.getIntValue();
    } catch (InputCoercionException e) {
      return outOfRange(field);
    }
  }

  private @Nullable Object readLong(Field field) {
    try {
      return parser.getLongValue();
    } catch (InputCoercionException e) {
      return outOfRange(field);
    }
  }

  private @Nullable Object readDouble(Field field) {
    double value = parser.getDoubleValue();
    return Double.isInfinite(value) ? outOfRange(field) : (Object) value;
  }

  private @Nullable Object outOfRange(Field field) {
    error(
        "json: cannot unmarshal number "
            + parser.getString()
            + " into field "
            + path
            + " of type "
            + typeName(field));
    return null;
  }

  private @Nullable Object readBytes() {
    try {
      return ByteString.copyFrom(Base64.getDecoder().decode(withoutLineBreaks(parser.getString())));
    } catch (IllegalArgumentException e) {
      error(path + ": illegal base64 data: " + e.getMessage());
      return null;
    }
  }

  private static String withoutLineBreaks(String text) {
    return text.indexOf('\n') < 0 && text.indexOf('\r') < 0
        ? text
        : text.replace("\n", "").replace("\r", "");
  }

  private @Nullable Message readMessage(Message.Builder owner, Field field, JsonToken token) {
    boolean string = token == JsonToken.VALUE_STRING;
    return switch (field.form()) {
      case OBJECT -> {
        if (token != JsonToken.START_OBJECT) {
          mismatch(typeName(field));
          yield null;
        }
        Message.Builder builder = field.writing().part(owner);
        readObject(builder, field.plan(), false);
        yield builder.build();
      }
      case QUANTITY -> string || token.isNumeric() ? readQuantity() : wrongMessage(field);
      case TIME -> string ? readTime(false) : wrongMessage(field);
      case MICRO_TIME -> string ? readTime(true) : wrongMessage(field);
      case INT_OR_STRING -> {
        if (string) {
          yield IntOrString.newBuilder()
              .setType(1)
              .setStrVal(WholeText.of(parser.getString()))
              .build();
        }
        Object number = token == JsonToken.VALUE_NUMBER_INT ? readInt(field) : wrong(field);
        yield number == null ? null : IntOrString.newBuilder().setIntVal((Integer) number).build();
      }
      case DURATION -> string ? readDuration(owner, field) : wrongMessage(field);
      case RAW -> single(owner, field, rawValue());
      case STRINGS -> readStrings(owner, field, token);
      case EITHER -> readEither(owner, field, token);
      case UNRECOGNIZED -> throw new IllegalStateException(field.descriptor().getFullName());
    };
  }

  private @Nullable Message wrongMessage(Field field) {
    mismatch(typeName(field));
    return null;
  }

  private @Nullable Message readQuantity() {
    try {
      return Quantities.of(parser.getString().strip());
    } catch (IllegalArgumentException e) {
      error(path + ": " + e.getMessage());
      return null;
    }
  }

  private @Nullable Message readTime(boolean micro) {
    String text = parser.getString();
    Optional<Instant> instant = Times.parse(text);
    if (instant.isEmpty()) {
      error(
          path
              + ": cannot parse \""
              + text
              + "\" as a time: expected RFC 3339, as 2006-01-02T15:04:05Z");
      return null;
    }
    return micro ? readMicro(instant.get()) : readSeconds(instant.get());
  }

  private static MicroTime readMicro(Instant instant) {
    return Times.microTime(instant);
  }

  private static Time readSeconds(Instant instant) {
    return Times.time(instant);
  }

  private @Nullable Message readDuration(Message.Builder owner, Field field) {
    String text = parser.getString();
    var duration = Times.parseDuration(text);
    if (duration.isEmpty()) {
      error(path + ": invalid duration \"" + text + "\": expected a form as 1h30m or 10s");
      return null;
    }
    return single(owner, field, duration.get().toNanos());
  }

  private @Nullable Message readStrings(Message.Builder owner, Field field, JsonToken token) {
    if (token != JsonToken.START_ARRAY) {
      return wrongMessage(field);
    }
    Message.Builder builder = field.writing().part(owner);
    FieldDescriptor items = builder.getDescriptorForType().getFields().getFirst();
    for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
      int mark = path.enter(i);
      if (parser.currentToken() == JsonToken.VALUE_STRING) {
        builder.addRepeatedField(items, WholeText.of(parser.getString()));
      } else {
        mismatch("string");
      }
      path.leave(mark);
    }
    return builder.build();
  }

  /// The field that the JSON's type is of. With a schema goes that something is allowed at all.
  private @Nullable Message readEither(Message.Builder owner, Field field, JsonToken token) {
    Message.Builder builder = field.writing().part(owner);
    for (Field one : field.plan().fields) {
      boolean list = one.shape() == JsonPlan.Shape.LIST;
      boolean flag = one.type() == FieldDescriptor.JavaType.BOOLEAN;
      if (list && token == JsonToken.START_ARRAY) {
        readList(builder, one);
        return builder.build();
      }
      if (flag && token == JsonToken.START_OBJECT) {
        builder.setField(one.descriptor(), true);
      }
      boolean fits =
          flag
              ? token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE
              : !list && token == JsonToken.START_OBJECT;
      if (fits) {
        readField(builder, one);
        return builder.build();
      }
    }
    return wrongMessage(field);
  }

  private static Message single(Message.Builder owner, Field field, Object value) {
    Message.Builder builder = field.writing().part(owner);
    return builder.setField(builder.getDescriptorForType().getFields().getFirst(), value).build();
  }

  private ByteString rawValue() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator generator = factory.createGenerator(ObjectWriteContext.empty(), bytes)) {
      RawCopy.of(parser, generator);
    }
    return ByteString.copyFrom(bytes.toByteArray());
  }
}
