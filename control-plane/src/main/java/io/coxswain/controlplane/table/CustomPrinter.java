package io.coxswain.controlplane.table;

import io.coxswain.api.meta.v1.TableColumnDefinition;
import io.coxswain.client.codec.CustomObjects;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.customresource.JsonPath;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.options.Column;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/// Tables of kinds that people define: the columns that the definition has, or else the age.
final class CustomPrinter {

  private CustomPrinter() {}

  static Printer<CustomObject> of(List<Column> columns) {
    Printer<CustomObject> printer = Printers.start(CustomObject.class);
    if (columns.isEmpty()) {
      return printer.timed("Age", Printers::age);
    }
    for (Column column : columns) {
      Optional<JsonPath> path = JsonPath.parse(column.getJsonPath());
      printer.column(
          TableColumnDefinition.newBuilder()
              .setName(column.getName())
              .setType(column.getType())
              .setFormat(column.getFormat())
              .setDescription(column.getDescription())
              .setPriority(column.getPriority())
              .build(),
          (object, now) -> path.map(p -> cell(object, column, p, now)).orElse(NullNode.instance));
    }
    return printer;
  }

  private static Object cell(CustomObject object, Column column, JsonPath path, Instant now) {
    List<JsonNode> found = path.find(CustomObjects.toTree(object));
    if (found.isEmpty() || found.getFirst().isNull()) {
      return NullNode.instance;
    }
    JsonNode value = found.getFirst();
    return switch (column.getType()) {
      case "string" ->
          found.size() == 1
              ? text(value)
              : found.stream().map(CustomPrinter::text).collect(Collectors.joining(","));
      case "integer" ->
          value.isNumber() && value.canConvertToLong()
              ? (Object) value.longValue()
              : NullNode.instance;
      case "number" -> value.isNumber() ? value : NullNode.instance;
      case "boolean" -> value.isBoolean() ? value : NullNode.instance;
      case "date" -> age(value, now);
      default -> value;
    };
  }

  private static String text(JsonNode value) {
    return value.isValueNode() ? value.asString() : value.toString();
  }

  private static Object age(JsonNode value, Instant now) {
    return value.isString()
        ? Times.parse(value.asString())
            .map(time -> (Object) Ages.since(Times.time(time), now))
            .orElse("<invalid>")
        : "<invalid>";
  }
}
