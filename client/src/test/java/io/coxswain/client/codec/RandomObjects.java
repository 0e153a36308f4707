package io.coxswain.client.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.options.JsonForm;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/// Makes objects of any kind from a seed: every field now and then, in forms that JSON can carry.
final class RandomObjects {

  private static final int DEEPEST = 7;

  private final Random random;

  RandomObjects(long seed) {
    this.random = new Random(seed);
  }

  @SuppressWarnings("unchecked") // a builder builds its own class
  <T extends Message> T make(T prototype) {
    return (T) fill(prototype.newBuilderForType(), 0).build();
  }

  private Message.Builder fill(Message.Builder message, int depth) {
    for (FieldSchema field : MessageSchema.of(message.getDescriptorForType()).fields()) {
      boolean wanted = field.inline() || random.nextInt(depth + 2) == 0;
      if (wanted && depth < DEEPEST) {
        set(message, field, depth);
      }
    }
    return message;
  }

  private void set(Message.Builder message, FieldSchema field, int depth) {
    FieldDescriptor descriptor = field.descriptor();
    if (field.isMap()) {
      TreeMap<String, Object> entries = new TreeMap<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        entries.put(text(), value(message, field, depth));
      }
      entries.forEach((key, value) -> {
        MapEntry.Builder<?, ?> entry =
            (MapEntry.Builder<?, ?>) message.newBuilderForField(descriptor);
        entry.setField(descriptor.getMessageType().findFieldByNumber(1), key);
        entry.setField(field.valueDescriptor(), value);
        message.addRepeatedField(descriptor, entry.build());
      });
    } else if (field.isList()) {
      for (int i = random.nextInt(3); i >= 0; i--) {
        message.addRepeatedField(descriptor, value(message, field, depth));
      }
    } else {
      Object value = value(message, field, depth);
      boolean nothing =
          value instanceof Message made
              && (made.getSerializedSize() == 0 || made.equals(Quantities.ZERO));
      if (!(nothing && (field.byValue() || field.inline()))) {
        message.setField(descriptor, value);
      }
    }
  }

  private Object value(Message.Builder owner, FieldSchema field, int depth) {
    return switch (field.valueDescriptor().getJavaType()) {
      case STRING -> text();
      case INT -> random.nextInt() >> random.nextInt(31);
      case LONG -> random.nextLong() >> random.nextInt(63);
      case BOOLEAN -> random.nextBoolean();
      case DOUBLE -> random.nextDouble();
      case FLOAT -> random.nextFloat();
      case BYTE_STRING -> {
        byte[] bytes = new byte[random.nextInt(20)];
        random.nextBytes(bytes);
        yield ByteString.copyFrom(bytes);
      }
      case MESSAGE -> message(owner, field, depth);
      case ENUM -> throw new IllegalStateException("no enums in the API");
    };
  }

  private Message message(Message.Builder owner, FieldSchema field, int depth) {
    FieldDescriptor descriptor = field.valueDescriptor();
    if (field.isMap()) {
      return special(
          owner.newBuilderForField(field.descriptor()).newBuilderForField(descriptor),
          field.message().jsonForm(),
          depth);
    }
    return special(owner.newBuilderForField(descriptor), field.message().jsonForm(), depth);
  }

  private Message special(Message.Builder message, JsonForm form, int depth) {
    Instant instant =
        Instant.ofEpochSecond(1 + random.nextInt(2_000_000_000), random.nextInt(1_000_000) * 1000L);
    FieldDescriptor first =
        message.getDescriptorForType().getFields().isEmpty()
            ? null
            : message.getDescriptorForType().getFields().getFirst();
    return switch (form) {
      case OBJECT -> fill(message, depth + 1).build();
      case QUANTITY -> Quantities.of((random.nextInt(5000) - 100) + suffix());
      case TIME -> Times.time(instant);
      case MICRO_TIME -> Times.microTime(instant);
      case INT_OR_STRING ->
          random.nextBoolean()
              ? io.coxswain.api.intstr.IntOrString.newBuilder().setIntVal(random.nextInt()).build()
              : io.coxswain.api.intstr.IntOrString.newBuilder()
                  .setType(1)
                  .setStrVal(text())
                  .build();
      case DURATION -> message.setField(first, random.nextLong() / 1000).build();
      case RAW ->
          message.setField(first, ByteString.copyFromUtf8("{\"a\":[1,\"x\",null,1.5]}")).build();
      case STRINGS -> {
        List<String> texts = new ArrayList<>(List.of(text(), text()));
        yield message.setField(first, texts).build();
      }
      case EITHER -> either(message);
      case UNRECOGNIZED -> throw new IllegalStateException();
    };
  }

  /// What is no single message: a flag, names, or a list of messages.
  private Message either(Message.Builder message) {
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      switch (field.getJavaType()) {
        case BOOLEAN -> message.setField(field, random.nextBoolean());
        case STRING -> message.addRepeatedField(field, text());
        case MESSAGE -> {
          if (field.isRepeated()) {
            message.addRepeatedField(field, message.newBuilderForField(field).build());
          }
        }
        default -> throw new IllegalStateException(field.getFullName());
      }
    }
    return message.build();
  }

  private String suffix() {
    String[] suffixes = {"", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "Ti", "e3", "e-3"};
    return suffixes[random.nextInt(suffixes.length)];
  }

  private String text() {
    String[] texts = {
      "a", "x.y/z", "é😀", "\"quoted\"\n\t\\", "0644", "true", "<&>", "日本", "-", "\u0001"
    };
    return texts[random.nextInt(texts.length)] + random.nextInt(100);
  }
}
