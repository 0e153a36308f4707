package io.coxswain.controlplane.cel;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// JSON as values of CEL, by what it looks like alone.
public final class JsonValues {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private JsonValues() {}

  /// What a value of CEL is as JSON.
  ///
  /// @throws IllegalArgumentException when it is nothing in JSON
  public static JsonNode toJson(Object value) {
    return switch (value) {
      case Map<?, ?> members -> {
        ObjectNode object = NODES.objectNode();
        members.forEach((name, inner) -> object.set(String.valueOf(name), toJson(inner)));
        yield object;
      }
      case Collection<?> items -> {
        ArrayNode list = NODES.arrayNode();
        items.forEach(item -> list.add(toJson(item)));
        yield list;
      }
      case String text -> NODES.stringNode(text);
      case Boolean flag -> NODES.booleanNode(flag);
      case Long number -> NODES.numberNode(number);
      case UnsignedLong number -> NODES.numberNode(number.bigIntegerValue());
      case Double number ->
          number == Math.rint(number) && Math.abs(number) < 1e15
              ? NODES.numberNode(number.longValue())
              : NODES.numberNode(number);
      case CelByteString bytes ->
          NODES.stringNode(Base64.getEncoder().encodeToString(bytes.toByteArray()));
      case Instant time -> NODES.stringNode(time.toString());
      case NullValue _ -> NODES.nullNode();
      case Optional<?> optional ->
          optional.<JsonNode>map(JsonValues::toJson).orElse(NODES.nullNode());
      default ->
          throw new IllegalArgumentException(
              "a value of type " + value.getClass().getSimpleName() + " has no form in JSON");
    };
  }

  public static Object of(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> {
        Map<String, Object> members = HashMap.newHashMap(value.size());
        value.forEachEntry((name, inner) -> members.put(name, of(inner)));
        yield members;
      }
      case ARRAY -> {
        List<Object> items = new ArrayList<>(value.size());
        value.values().forEach(inner -> items.add(of(inner)));
        yield items;
      }
      case STRING, BINARY -> value.asString();
      case BOOLEAN -> value.booleanValue();
      case NUMBER ->
          value.isIntegralNumber() ? (Object) value.longValue() : (Object) value.doubleValue();
      case NULL, MISSING, POJO -> NullValue.NULL_VALUE;
    };
  }
}
