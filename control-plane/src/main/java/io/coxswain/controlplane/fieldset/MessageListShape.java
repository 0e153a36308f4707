package io.coxswain.controlplane.fieldset;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A list field, whose elements are owned one by one: known by fields of theirs, or, in a set, by
/// themselves.
final class MessageListShape implements Shape.Elements<Object> {

  private final Shape<Object> item;
  private final List<KeyField> keys;

  /// @param inlined messages to step through
  /// @param standard the value taken when absent; null for none
  record KeyField(
      String name,
      List<FieldDescriptor> inlined,
      FieldDescriptor descriptor,
      @Nullable Scalar standard) {

    /// Null when the element has none.
    @Nullable Scalar of(Object element) {
      Message holder = (Message) element;
      for (FieldDescriptor step : inlined) {
        holder = (Message) holder.getField(step);
      }
      return holder.hasField(descriptor) ? scalar(holder.getField(descriptor)) : standard;
    }
  }

  MessageListShape(FieldSchema field, Shape<Object> item) {
    this.item = item;
    List<KeyField> found = new ArrayList<>();
    for (String key : field.listMapKeys().stream().sorted().toList()) {
      MessageSchema.Place place = field.message().jsonFields().get(key);
      if (place == null) {
        throw new IllegalStateException(
            field.descriptor().getFullName() + ": the key " + key + " is no field");
      }
      FieldSchema of = place.field();
      found.add(
          new KeyField(
              key,
              place.inlined().stream().map(FieldSchema::descriptor).toList(),
              of.descriptor(),
              standard(of)));
    }
    this.keys = List.copyOf(found);
  }

  private static @Nullable Scalar standard(FieldSchema field) {
    if (field.defaultJson().isEmpty()) {
      return null;
    }
    JsonNode value = JsonMapper.shared().readTree(field.defaultJson());
    return value.isString()
        ? new Scalar.Text(value.asString())
        : value.isIntegralNumber() ? new Scalar.Whole(value.asLong()) : null;
  }

  /// Sorted by name; none for a set.
  List<KeyField> keys() {
    return keys;
  }

  @Override
  @SuppressWarnings("unchecked") // a repeated field's value is a list
  public List<Object> items(Object list) {
    return (List<Object>) list;
  }

  @Override
  public Object list(List<Object> items) {
    return items;
  }

  @Override
  public PathElement element(Object value) {
    if (keys.isEmpty()) {
      return new PathElement.Value(scalar(value));
    }
    List<PathElement.Part> parts = new ArrayList<>(keys.size());
    for (KeyField key : keys) {
      Scalar part = key.of(value);
      if (part != null) {
        parts.add(new PathElement.Part(key.name(), part));
      }
    }
    return new PathElement.Key(parts);
  }

  @Override
  public String missingKey(Object value) {
    for (KeyField key : keys) {
      if (key.of(value) == null) {
        return key.name();
      }
    }
    return "";
  }

  private static Scalar scalar(Object value) {
    return switch (value) {
      case String text -> new Scalar.Text(text);
      case Integer number -> new Scalar.Whole(number);
      case Long number -> new Scalar.Whole(number);
      case Double number -> new Scalar.Real(number);
      case Boolean truth -> new Scalar.Truth(truth);
      default -> throw new IllegalStateException("no element is known by a " + value.getClass());
    };
  }

  @Override
  public Shape<Object> item() {
    return item;
  }
}
