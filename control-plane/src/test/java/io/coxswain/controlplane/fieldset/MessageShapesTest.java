package io.coxswain.controlplane.fieldset;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// What the schema says of every kind can be walked.
class MessageShapesTest {

  @Test
  void everyKindHasAShapeThroughout() {
    List<String> kinds = new ArrayList<>();
    Set<Shape<Object>> seen = new HashSet<>();
    for (ResourceType<?> type : Schema.api().types()) {
      Shape.Fields<Object> shape = MessageShapes.of(type.prototype().getDescriptorForType());
      walk(shape, seen);
      kinds.add(type.kind());
      assertThat(shape.slot("metadata") != null || type.createOnly()).as(type.kind()).isTrue();
    }
    assertThat(kinds).contains("Pod", "Deployment", "EndpointSlice");
    assertThat(seen).hasSizeGreaterThan(300);
  }

  private static void walk(Shape<Object> shape, Set<Shape<Object>> seen) {
    if (!seen.add(shape)) {
      return;
    }
    switch (shape) {
      case Shape.Leaf<Object> _ -> {}
      case Shape.Elements<Object> elements -> walk(elements.item(), seen);
      case MessageMapShape map -> walk(map.value(), seen);
      case Shape.Fields<Object> fields ->
          fields.slots(null, null).forEach(slot -> walk(slot.shape(), seen));
    }
  }

  /// Messages with random fields of every kind of the API, deep enough to have all shapes.
  @Test
  void whatIsReadFromBytesIsWhatAComparisonFinds() {
    RandomGenerator random = new SplittableRandom(21);
    for (ResourceType<?> type : Schema.api().types()) {
      for (int round = 0; round < 20; round++) {
        Message.Builder builder = type.prototype().newBuilderForType();
        fill(builder, random, 6);
        Message message = builder.build();
        assertThat(MessageShapes.created(message))
            .as("seed 21, %s, round %s", type, round)
            .isEqualTo(
                Comparison.of(MessageShapes.of(message.getDescriptorForType()), null, message)
                    .added());
      }
    }
  }

  private static void fill(Message.Builder builder, RandomGenerator random, int depth) {
    for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
      if (random.nextInt(3) != 0) {
        continue;
      }
      if (field.isMapField()) {
        for (int i = 0; i < random.nextInt(3); i++) {
          Message.Builder entry = builder.newBuilderForField(field);
          FieldDescriptor value = entry.getDescriptorForType().findFieldByNumber(2);
          entry.setField(entry.getDescriptorForType().findFieldByNumber(1), "k" + i);
          entry.setField(value, value(entry, value, random, depth, i));
          builder.addRepeatedField(field, entry.build());
        }
      } else if (field.isRepeated()) {
        for (int i = 0; i < random.nextInt(3); i++) {
          Object value = value(builder, field, random, depth, i);
          if (keyed(value, i)) {
            builder.addRepeatedField(field, value);
          }
        }
      } else {
        builder.setField(field, value(builder, field, random, depth, 0));
      }
    }
  }

  /// Two elements that cannot be told apart are a case of their own: only the first may lack names.
  private static boolean keyed(Object value, int i) {
    return i == 0 || !(value instanceof Message);
  }

  private static Object value(
      Message.Builder parent, FieldDescriptor field, RandomGenerator random, int depth, int i) {
    return switch (field.getJavaType()) {
      case STRING -> "s" + i;
      case INT -> random.nextInt(100) - 50;
      case LONG -> random.nextLong();
      case BOOLEAN -> random.nextBoolean();
      case DOUBLE -> random.nextDouble();
      case FLOAT -> (float) random.nextDouble();
      case BYTE_STRING -> ByteString.copyFromUtf8("b");
      case MESSAGE -> {
        Message.Builder inner = parent.newBuilderForField(field);
        if (depth > 0) {
          fill(inner, random, depth - 1);
        }
        yield inner.build();
      }
      case ENUM -> throw new IllegalStateException("no enums in the API");
    };
  }

  @Test
  void namesOfOneObjectAreSorted() {
    assertThat(MessageShapes.of(PodSpec.getDescriptor()).slots(null, null))
        .extracting(slot -> slot.element().name())
        .isSorted()
        .contains("containers", "nodeName");
  }
}
