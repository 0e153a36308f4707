package io.coxswain.controlplane.customresource;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Fills in the defaults of a schema. A null where null is not allowed counts as absent if there is
/// a default, and else is left for validation to refuse.
public final class Defaulting {

  private Defaulting() {}

  /// @param value changed by the call
  public static void apply(JsonNode value, StructuralSchema schema) {
    switch (value) {
      case ObjectNode object -> object(object, schema);
      case ArrayNode list ->
          schema
              .items()
              .ifPresent(items -> {
                for (int i = 0; i < list.size(); i++) {
                  boolean nothing = list.get(i).isNull() && !items.props().getNullable();
                  if (nothing && items.defaultValue().isPresent()) {
                    list.set(i, items.defaultValue().get().deepCopy());
                  }
                  apply(list.get(i), items);
                }
              });
      default -> {
        // a scalar has nothing inside
      }
    }
  }

  private static void object(ObjectNode object, StructuralSchema schema) {
    schema
        .properties()
        .forEach((name, member) -> {
          JsonNode present = object.get(name);
          Optional<JsonNode> standard = member.defaultValue();
          boolean absent = present == null || (present.isNull() && !member.props().getNullable());
          if (absent && standard.isPresent()) {
            object.set(name, standard.get().deepCopy());
          }
          JsonNode now = object.get(name);
          if (now != null) {
            apply(now, member);
          }
        });
    schema
        .additional()
        .ifPresent(member -> {
          List<String> names = new ArrayList<>(object.propertyNames());
          names.removeAll(schema.properties().keySet());
          for (String name : names) {
            boolean nothing = object.get(name).isNull() && !member.props().getNullable();
            if (nothing && member.defaultValue().isPresent()) {
              object.set(name, member.defaultValue().get().deepCopy());
            }
            apply(object.get(name), member);
          }
        });
  }
}
