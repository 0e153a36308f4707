package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.client.codec.CustomObjects;
import io.coxswain.client.codec.Strictness;
import io.coxswain.controlplane.customresource.CustomKind;
import io.coxswain.controlplane.fieldset.Comparison;
import io.coxswain.controlplane.fieldset.FieldSet;
import io.coxswain.controlplane.fieldset.JsonShapes;
import io.coxswain.controlplane.fieldset.MessageShapes;
import io.coxswain.controlplane.fieldset.Shape;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// How the fields of a kind's objects are looked at.
///
/// @param <V> what an object is made of there
sealed interface FieldView<V> {

  static FieldView<?> of(KindStore kind) {
    return kind.rules() instanceof CustomRules custom
        ? new Tree(custom.kind(), JsonShapes.of(custom.kind().schema()))
        : new Whole(kind.type());
  }

  Shape.Fields<V> shape();

  V value(Message object);

  /// What of a configuration counts that is applied to a part.
  V applied(Message config, String part);

  Message object(V value);

  /// Everything that is in an object.
  FieldSet everything(Message object);

  /// How one state of an object differs from another.
  default Comparison compare(Message before, Message after) {
    return Comparison.of(shape(), value(before), value(after));
  }

  /// A message of the schema, as it is.
  record Whole(ResourceType<?> type) implements FieldView<Object> {

    @Override
    public Shape.Fields<Object> shape() {
      return MessageShapes.of(type.prototype().getDescriptorForType());
    }

    @Override
    public Object value(Message object) {
      return object;
    }

    @Override
    public Object applied(Message config, String part) {
      return config;
    }

    @Override
    public Message object(Object value) {
      return (Message) value;
    }

    @Override
    public FieldSet everything(Message object) {
      return MessageShapes.created(object);
    }
  }

  /// An object of a kind that people define, as its JSON.
  record Tree(CustomKind kind, Shape.Fields<JsonNode> shape) implements FieldView<JsonNode> {

    private static final Set<String> OF_A_STATUS =
        Set.of("apiVersion", "kind", "metadata", "status");

    @Override
    public JsonNode value(Message object) {
      return CustomObjects.toTree((CustomObject) object);
    }

    @Override
    public JsonNode applied(Message config, String part) {
      ObjectNode tree = CustomObjects.toTree((CustomObject) config);
      if (!part.isEmpty()) {
        tree.retain(OF_A_STATUS);
      }
      return tree;
    }

    @Override
    public Message object(JsonNode value) {
      return kind.read(value.deepCopy(), List.of(), Strictness.IGNORE).message();
    }

    @Override
    public FieldSet everything(Message object) {
      return Comparison.of(shape, null, value(object)).added();
    }
  }
}
