package io.coxswain.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import io.coxswain.api.core.v1.LimitRangeItem;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.resource.Quantity;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever is read and written by bound methods is what reflection reads and writes, for every
/// field of the API; and every field is bound.
class FieldAccessTest {

  private static final int ENOUGH_TO_BIND = 500;

  static Stream<ResourceType<?>> kinds() {
    return Schema.api().types().stream();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void readsWhatReflectionReads(ResourceType<?> type) {
    Map<Descriptor, Message> prototypes = new LinkedHashMap<>();
    collect(type.prototype(), prototypes);
    for (Message empty : prototypes.values()) {
      for (FieldDescriptor field : empty.getDescriptorForType().getFields()) {
        check(field, empty);
        check(field, filled(empty, field));
        check(field, othersFilled(empty, field));
        assertThat(FieldAccess.of(field).isQuick()).as(field.getFullName()).isTrue();
        checkWriting(field, empty);
        assertThat(BuilderAccess.of(field).isQuick()).as(field.getFullName()).isTrue();
      }
    }
  }

  private static void collect(Message message, Map<Descriptor, Message> found) {
    if (found.putIfAbsent(message.getDescriptorForType(), message.getDefaultInstanceForType())
        != null) {
      return;
    }
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (!field.isMapField() && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        collect(message.newBuilderForType().newBuilderForField(field).build(), found);
      }
    }
  }

  private static Message filled(Message empty, FieldDescriptor field) {
    Message.Builder builder = empty.newBuilderForType();
    fill(builder, field);
    return builder.build();
  }

  private static Message othersFilled(Message empty, FieldDescriptor field) {
    Message.Builder builder = empty.newBuilderForType();
    for (FieldDescriptor other : empty.getDescriptorForType().getFields()) {
      if (!other.equals(field)) {
        fill(builder, other);
      }
    }
    return builder.build();
  }

  private static void fill(Message.Builder builder, FieldDescriptor field) {
    if (field.isMapField()) {
      Message.Builder entry = builder.newBuilderForField(field);
      for (FieldDescriptor part : field.getMessageType().getFields()) {
        fill(entry, part);
      }
      builder.addRepeatedField(field, entry.build());
    } else if (field.isRepeated()) {
      builder.addRepeatedField(field, value(builder, field));
      builder.addRepeatedField(field, value(builder, field));
    } else {
      builder.setField(field, value(builder, field));
    }
  }

  private static Object value(Message.Builder builder, FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case INT -> 100_000 + field.getNumber();
      case LONG -> 5_000_000_000L + field.getNumber();
      case FLOAT -> 0.5f + field.getNumber();
      case DOUBLE -> 0.25 + field.getNumber();
      case BOOLEAN -> true;
      case STRING -> field.getName();
      case BYTE_STRING -> ByteString.copyFromUtf8(field.getName());
      case MESSAGE -> builder.newBuilderForField(field).build();
      case ENUM -> throw new AssertionError("no enums in the API");
    };
  }

  private static void check(FieldDescriptor field, Message message) {
    FieldAccess access = FieldAccess.of(field);
    for (int i = 0; i < ENOUGH_TO_BIND; i++) {
      var _ = access.has(message);
    }
    String name = field.getFullName();
    if (field.isRepeated()) {
      int count = message.getRepeatedFieldCount(field);
      assertThat(access.count(message)).as(name).isEqualTo(count);
      assertThat(access.has(message)).as(name).isEqualTo(count > 0);
    } else {
      assertThat(access.has(message)).as(name).isEqualTo(message.hasField(field));
    }
    if (field.isMapField()) {
      assertThat(access.map(message)).as(name).isEqualTo(entries(message, field));
    } else {
      assertThat(access.get(message)).as(name).isEqualTo(message.getField(field));
    }
  }

  private static Map<Object, Object> entries(Message message, FieldDescriptor field) {
    Map<Object, Object> entries = new HashMap<>();
    for (Object entry : (List<?>) message.getField(field)) {
      entries.put(((MapEntry<?, ?>) entry).getKey(), ((MapEntry<?, ?>) entry).getValue());
    }
    return entries;
  }

  @Test
  void aMapOfAMessageWithoutAClassIsReadAndWritten() {
    FieldDescriptor most = LimitRangeItem.getDescriptor().findFieldByName("max");
    Message.Builder builder = DynamicMessage.newBuilder(LimitRangeItem.getDescriptor());
    Message two = Quantity.newBuilder().setString("2").build();
    BuilderAccess.of(most).putEntry(builder, "cpu", two);
    assertThat(FieldAccess.of(most).map(builder.build())).containsOnlyKeys("cpu");
    assertThat(BuilderAccess.of(most).part(builder).getDescriptorForType())
        .isEqualTo(Quantity.getDescriptor());
  }

  @Test
  void aMapIsNoValue() {
    FieldDescriptor labels = ObjectMeta.getDescriptor().findFieldByName("labels");
    assertThatThrownBy(() -> FieldAccess.of(labels).get(ObjectMeta.getDefaultInstance()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("labels is a map");
  }

  private static void checkWriting(FieldDescriptor field, Message empty) {
    BuilderAccess access = BuilderAccess.of(field);
    Message expected = filled(empty, field);
    for (int i = 0; i < ENOUGH_TO_BIND; i++) {
      Message.Builder builder = empty.newBuilderForType();
      if (field.isMapField()) {
        entries(expected, field)
            .forEach((key, value) -> access.putEntry(builder, (String) key, value));
      } else if (field.isRepeated()) {
        for (int k = 0; k < expected.getRepeatedFieldCount(field); k++) {
          access.put(builder, expected.getRepeatedField(field, k));
        }
      } else {
        access.put(builder, expected.getField(field));
      }
      if (i > 0 && i < ENOUGH_TO_BIND - 1) {
        continue; // by reflection the first, by the bound methods the last
      }
      assertThat(builder.build()).as(field.getFullName()).isEqualTo(expected);
      FieldDescriptor value =
          field.isMapField() ? field.getMessageType().findFieldByNumber(2) : field;
      if (value.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        assertThat(access.part(builder).getDescriptorForType()).isEqualTo(value.getMessageType());
      }
    }
  }

  @Test
  void readsMessagesWithoutAClassOfTheirOwn() {
    FieldDescriptor spec = Pod.getDescriptor().findFieldByName("spec");
    Pod pod = Pod.newBuilder().setSpec(PodSpec.newBuilder().setNodeName("n")).build();
    check(spec, pod);
    DynamicMessage dynamic =
        DynamicMessage.newBuilder(Pod.getDescriptor()).setField(spec, pod.getSpec()).build();
    assertThat(FieldAccess.of(spec).has(dynamic)).isTrue();
    assertThat(FieldAccess.of(spec).get(dynamic)).isEqualTo(pod.getSpec());
    DynamicMessage.Builder builder = DynamicMessage.newBuilder(Pod.getDescriptor());
    BuilderAccess.of(spec).put(builder, pod.getSpec());
    assertThat(builder.build()).isEqualTo(dynamic);
  }
}
