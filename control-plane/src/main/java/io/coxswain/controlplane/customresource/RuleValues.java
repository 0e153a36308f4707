package io.coxswain.controlplane.customresource;

import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.coxswain.client.codec.Times;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// JSON as values of CEL, of the types that [RuleTypes] makes of the schema.
final class RuleValues {

  private static final Set<String> WHOLE = Set.of("apiVersion", "kind");

  private RuleValues() {}

  static Object of(JsonNode value, StructuralSchema schema, boolean whole) {
    return switch (value.getNodeType()) {
      case OBJECT -> object(value, schema, whole || schema.embedded());
      case ARRAY -> list(value, schema);
      case STRING, BINARY -> string(value.asString(), schema.props().getFormat());
      case BOOLEAN -> value.booleanValue();
      case NUMBER ->
          schema.type().equals("number") || !value.isIntegralNumber()
              ? (Object) value.doubleValue()
              : (Object) value.longValue();
      case NULL, MISSING, POJO -> NullValue.NULL_VALUE;
    };
  }

  private static Object object(JsonNode value, StructuralSchema schema, boolean whole) {
    boolean named = schema.additional().isEmpty() && (whole || !schema.properties().isEmpty());
    Map<String, Object> members = new HashMap<>();
    value.forEachEntry((name, inner) -> {
      Optional<StructuralSchema> member = schema.member(name);
      if (inner.isNull()) {
        return; // no value, so `has` says
      }
      if (whole && WHOLE.contains(name)) {
        members.put(name, inner.asString(""));
      } else if (whole && name.equals("metadata")) {
        members.put(name, metadata(inner));
      } else if (member.isPresent()) {
        members.put(named ? RuleTypes.escaped(name) : name, of(inner, member.get(), false));
      } else if (!named) {
        members.put(name, of(inner, StructuralSchema.ANYTHING, false));
      }
    });
    return members;
  }

  private static Map<String, Object> metadata(JsonNode metadata) {
    Map<String, Object> members = new HashMap<>();
    for (String name : List.of("name", "generateName")) {
      if (metadata.has(name)) {
        members.put(name, metadata.path(name).asString(""));
      }
    }
    return members;
  }

  private static Object list(JsonNode value, StructuralSchema schema) {
    List<Object> items = new ArrayList<>(value.size());
    StructuralSchema item = schema.items().orElse(StructuralSchema.ANYTHING);
    value.values().forEach(inner -> items.add(of(inner, item, false)));
    return items;
  }

  /// A string that is not of its format is refused by the schema, and here remains what it is.
  private static Object string(String text, String format) {
    try {
      return switch (format) {
        case "date-time" -> Times.parse(text).<Object>map(time -> time).orElse(text);
        case "date" -> LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        case "duration" -> Times.parseDuration(text).<Object>map(time -> time).orElse(text);
        case "byte" -> CelByteString.of(Base64.getDecoder().decode(text));
        default -> text;
      };
    } catch (DateTimeParseException | IllegalArgumentException e) {
      return text;
    }
  }
}
