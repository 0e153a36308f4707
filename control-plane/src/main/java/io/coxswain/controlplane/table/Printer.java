package io.coxswain.controlplane.table;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.meta.v1.TableColumnDefinition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/// The columns of one kind and how each cell is made.
///
/// @param <T> the kind's message
final class Printer<T extends Message> {

  private record Column<T>(TableColumnDefinition definition, BiFunction<T, Instant, Object> cell) {}

  private final Class<T> kind;
  private final List<Column<T>> columns = new ArrayList<>();

  private Printer(Class<T> kind) {
    this.kind = kind;
  }

  static <T extends Message> Printer<T> of(Class<T> kind) {
    return new Printer<>(kind);
  }

  /// A column of text that is always shown.
  Printer<T> text(String name, Function<T, String> cell) {
    return add(name, "string", "", 0, (object, _) -> cell.apply(object));
  }

  /// A column of text that only the wide form shows.
  Printer<T> wide(String name, Function<T, String> cell) {
    return add(name, "string", "", 1, (object, _) -> cell.apply(object));
  }

  Printer<T> number(String name, Function<T, Number> cell) {
    return add(name, "integer", "", 0, (object, _) -> cell.apply(object).longValue());
  }

  /// Which containers a template has, and of which images.
  Printer<T> wideContainers(Function<T, PodSpec> template) {
    return wide("Containers", object -> Words.names(template.apply(object)))
        .wide("Images", object -> Words.images(template.apply(object)));
  }

  Printer<T> wideNumber(String name, Function<T, Number> cell) {
    return add(name, "integer", "", 1, (object, _) -> cell.apply(object).longValue());
  }

  Printer<T> flag(String name, Predicate<T> cell) {
    return add(name, "boolean", "", 0, (object, _) -> cell.test(object));
  }

  /// A column of text that depends on the time, as an age.
  Printer<T> timed(String name, BiFunction<T, Instant, String> cell) {
    return add(name, "string", "", 0, cell::apply);
  }

  Printer<T> wideTimed(String name, BiFunction<T, Instant, String> cell) {
    return add(name, "string", "", 1, cell::apply);
  }

  Printer<T> name(Function<T, String> cell) {
    return add("Name", "string", "name", 0, (object, _) -> cell.apply(object));
  }

  /// A column of any type.
  ///
  /// @param cell a String, Long, Double or Boolean
  Printer<T> column(TableColumnDefinition definition, BiFunction<T, Instant, Object> cell) {
    columns.add(new Column<>(definition, cell));
    return this;
  }

  private Printer<T> add(
      String name, String type, String format, int priority, BiFunction<T, Instant, Object> cell) {
    TableColumnDefinition definition =
        TableColumnDefinition.newBuilder()
            .setName(name)
            .setType(type)
            .setFormat(format)
            .setDescription("")
            .setPriority(priority)
            .build();
    columns.add(new Column<>(definition, cell));
    return this;
  }

  Class<T> kind() {
    return kind;
  }

  List<TableColumnDefinition> columns() {
    return columns.stream().map(Column::definition).toList();
  }

  /// Each cell is what JSON can say: mostly a String or a Long.
  List<Object> cells(Message object, Instant now) {
    T typed = kind.cast(object);
    return columns.stream().map(column -> column.cell().apply(typed, now)).toList();
  }
}
