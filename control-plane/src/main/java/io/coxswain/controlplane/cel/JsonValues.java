package io.coxswain.controlplane.cel;

import dev.cel.common.values.NullValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// JSON as values of CEL, by what it looks like alone.
public final class JsonValues {

  private JsonValues() {}

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
