package io.coxswain.controlplane.fieldset;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.options.JsonForm;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A message whose fields are owned one by one.
final class MessageShape implements Shape.Fields<Object> {

  private final MessageSchema schema;
  private volatile @Nullable Compiled compiled;

  /// @param slots in the order of their elements
  /// @param shown those that stand in every object, if only empty
  /// @param parts lists and maps
  /// @param byNumber of fields of the message itself; of an inlined message, its shape
  @SuppressWarnings("ArrayRecordComponent") // filled once, read by nobody else
  private record Compiled(
      List<MessageSlot> slots,
      Map<String, MessageSlot> byName,
      List<MessageSlot> shown,
      List<MessageSlot> parts,
      @Nullable MessageSlot[] byNumber,
      @Nullable MessageShape[] inlined) {}

  MessageShape(MessageSchema schema) {
    this.schema = schema;
  }

  private Compiled compiled() {
    Compiled known = compiled;
    if (known == null) {
      List<MessageSlot> slots = new ArrayList<>();
      Map<String, MessageSlot> byName = new HashMap<>();
      int numbers = 1 + schema.fields().stream().mapToInt(MessageShape::number).max().orElse(0);
      @Nullable MessageSlot[] byNumber = new @Nullable MessageSlot[numbers];
      @Nullable MessageShape[] inlined = new @Nullable MessageShape[numbers];
      for (FieldSchema field : schema.fields()) {
        if (field.inline()) {
          inlined[number(field)] = MessageShapes.struct(field.message().descriptor());
        }
      }
      List<MessageSchema.Place> places =
          schema.jsonFields().values().stream()
              .filter(place -> !isBook(place.field().descriptor()))
              .sorted(Comparator.comparing(place -> place.field().jsonName()))
              .toList();
      for (MessageSchema.Place place : places) {
        MessageSlot slot = new MessageSlot(place, slots.size());
        slots.add(slot);
        byName.put(slot.element().name(), slot);
        if (place.inlined().isEmpty()) {
          byNumber[number(place.field())] = slot;
        }
      }
      known =
          new Compiled(
              List.copyOf(slots),
              Map.copyOf(byName),
              slots.stream().filter(slot -> slot.byValue).toList(),
              slots.stream().filter(slot -> slot.map || slot.list).toList(),
              byNumber,
              inlined);
      compiled = known;
    }
    return known;
  }

  private static int number(FieldSchema field) {
    return field.descriptor().getNumber();
  }

  /// The books themselves are nobody's field.
  private static boolean isBook(FieldDescriptor field) {
    return field.getContainingType() == ObjectMeta.getDescriptor()
        && field.getNumber() == ObjectMeta.MANAGEDFIELDS_FIELD_NUMBER;
  }

  @Override
  public List<MessageSlot> slots(@Nullable Object left, @Nullable Object right) {
    return compiled().slots();
  }

  @Override
  public @Nullable MessageSlot slot(String name) {
    return compiled().byName().get(name);
  }

  /// The place of a field of the message itself; null for an inlined message, and for unknown ones.
  @Nullable MessageSlot slot(int number) {
    @Nullable MessageSlot[] slots = compiled().byNumber();
    return number < slots.length ? slots[number] : null;
  }

  /// The shape of an inlined message; null for any other field.
  @Nullable MessageShape inlined(int number) {
    @Nullable MessageShape[] shapes = compiled().inlined();
    return number < shapes.length ? shapes[number] : null;
  }

  /// How many fields there are.
  int size() {
    return compiled().slots().size();
  }

  /// Lists and maps.
  List<MessageSlot> parts() {
    return compiled().parts();
  }

  /// Fields that stand in every object, if only empty.
  List<MessageSlot> shown() {
    return compiled().shown();
  }

  @Override
  public boolean isEmpty(Object value) {
    return ((Message) value).getSerializedSize() == 0;
  }

  @Override
  public Shape.Edit<Object> edit(@Nullable Object base) {
    if (!(base instanceof Message message)) {
      throw new IllegalArgumentException("a message is changed from one that is there");
    }
    return new MessageEdit(message.toBuilder());
  }

  private record MessageEdit(Message.Builder builder) implements Shape.Edit<Object> {

    @Override
    public void set(Shape.Slot<Object> slot, Object value) {
      ((MessageSlot) slot).set(builder, value);
    }

    @Override
    public void remove(Shape.Slot<Object> slot) {
      ((MessageSlot) slot).clear(builder);
    }

    @Override
    public Object done() {
      return builder.build();
    }
  }

  /// A field under its name in JSON, which may stand in an inlined message.
  static final class MessageSlot implements Shape.Slot<Object> {

    private final int rank;
    private final PathElement.Field element;
    private final FieldSet.Node leaf;
    private final FieldDescriptor[] inlined;
    private final FieldSchema field;
    private final FieldDescriptor descriptor;
    private final boolean map;
    private final boolean list;
    private final boolean lasting;
    private final boolean byValue;
    private volatile @Nullable Shape<Object> shape;

    /// @param rank among the slots of its shape
    MessageSlot(MessageSchema.Place place, int rank) {
      this.rank = rank;
      this.element = new PathElement.Field(place.field().jsonName());
      this.leaf = FieldSet.Node.leaf(element);
      this.inlined =
          place.inlined().stream().map(FieldSchema::descriptor).toArray(FieldDescriptor[]::new);
      this.field = place.field();
      this.descriptor = field.descriptor();
      this.map = field.isMap();
      this.list = field.isList();
      this.byValue =
          !map
              && !list
              && field.byValue()
              && field.holdsMessages()
              && field.message().jsonForm() == JsonForm.OBJECT;
      this.lasting = byValue || field.required();
    }

    /// Its place in the order of its shape's elements.
    int rank() {
      return rank;
    }

    @Override
    public PathElement.Field element() {
      return element;
    }

    @Override
    public FieldSet.Node leaf() {
      return leaf;
    }

    @Override
    public Shape<Object> shape() {
      Shape<Object> known = shape;
      if (known == null) {
        known = MessageShapes.of(field);
        shape = known;
      }
      return known;
    }

    @Override
    public boolean isNamed() {
      return true;
    }

    @Override
    public boolean isLasting() {
      return lasting;
    }

    @Override
    public @Nullable Object value(Object object) {
      Message message = holder((Message) object);
      if (map) {
        return message.getRepeatedFieldCount(descriptor) == 0 ? null : entries(message);
      }
      if (list) {
        return message.getRepeatedFieldCount(descriptor) == 0 ? null : message.getField(descriptor);
      }
      return message.hasField(descriptor) ? message.getField(descriptor) : null;
    }

    @Override
    public @Nullable Object shown(Object object) {
      return byValue ? holder((Message) object).getField(descriptor) : value(object);
    }

    private Message holder(Message object) {
      Message holder = object;
      for (FieldDescriptor step : inlined) {
        holder = (Message) holder.getField(step);
      }
      return holder;
    }

    private Map<String, Object> entries(Message message) {
      List<?> list = (List<?>) message.getField(descriptor);
      Map<String, Object> entries = LinkedHashMap.newLinkedHashMap(list.size());
      for (Object entry : list) {
        MapEntry<?, ?> pair = (MapEntry<?, ?>) entry;
        entries.put((String) pair.getKey(), pair.getValue());
      }
      return entries;
    }

    private void set(Message.Builder object, Object value) {
      Message.Builder holder = holder(object);
      if (!(value instanceof Map<?, ?> entries)) {
        holder.setField(descriptor, value);
        return;
      }
      holder.clearField(descriptor);
      for (Map.Entry<?, ?> entry : entries.entrySet()) {
        Message.Builder pair = holder.newBuilderForField(descriptor);
        pair.setField(descriptor.getMessageType().findFieldByNumber(1), entry.getKey());
        pair.setField(descriptor.getMessageType().findFieldByNumber(2), entry.getValue());
        holder.addRepeatedField(descriptor, pair.build());
      }
    }

    private void clear(Message.Builder object) {
      holder(object).clearField(descriptor);
    }

    private Message.Builder holder(Message.Builder object) {
      Message.Builder holder = object;
      for (FieldDescriptor step : inlined) {
        holder = holder.getFieldBuilder(step);
      }
      return holder;
    }
  }
}
