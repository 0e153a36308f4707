package io.coxswain.kubectl.output;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.document.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// Prints the `Table` that the server makes of a list. One printer serves one kind, so that a
/// watch's later rows line up with the earlier ones.
public final class TablePrinter {

  /// Asks the server for one.
  public static final String ACCEPT =
      "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

  private final boolean wide;
  private final boolean headers;
  private final boolean namespaces;
  private final boolean showLabels;
  private final boolean showKind;
  private final List<String> labelColumns;
  private final List<Integer> widths = new ArrayList<>();
  private final List<Integer> shown = new ArrayList<>();
  private List<String> titles = List.of();
  private boolean headersPrinted;

  public TablePrinter(Options options, boolean namespaces, boolean showKind) {
    this.wide = options.text("output").equals("wide");
    this.headers = !options.isSet("no-headers");
    this.namespaces = namespaces;
    this.showLabels = options.isSet("show-labels");
    this.labelColumns =
        options.all("label-columns").stream()
            .flatMap(names -> List.of(names.split(",")).stream())
            .toList();
    this.showKind = showKind || options.isSet("show-kind");
  }

  /// @param reference `pod/` or the like, before each name when kinds are shown
  public String print(JsonNode table, String reference) {
    columns(Json.at(table, "columnDefinitions"));
    Columns columns = new Columns();
    JsonNode rows = Json.at(table, "rows");
    if (headers && !headersPrinted && !rows.isEmpty()) {
      columns.add(header());
      headersPrinted = true;
    }
    for (JsonNode row : rows) {
      columns.add(row(row, reference));
    }
    return columns.format(widths);
  }

  /// Only the first table of a watch carries the definitions.
  private void columns(JsonNode definitions) {
    if (!definitions.isArray() || definitions.isEmpty()) {
      return;
    }
    shown.clear();
    List<String> names = new ArrayList<>();
    int index = 0;
    for (JsonNode definition : definitions) {
      if (wide || Json.number(definition, "priority") == 0) {
        shown.add(index);
        names.add(Json.text(definition, "name").toUpperCase(java.util.Locale.ROOT));
      }
      index++;
    }
    titles = names;
  }

  private List<String> header() {
    List<String> header = new ArrayList<>();
    if (namespaces) {
      header.add("NAMESPACE");
    }
    header.addAll(titles);
    for (String label : labelColumns) {
      header.add(label.substring(label.lastIndexOf('/') + 1).toUpperCase(java.util.Locale.ROOT));
    }
    if (showLabels) {
      header.add("LABELS");
    }
    return header;
  }

  private List<String> row(JsonNode row, String reference) {
    List<String> cells = new ArrayList<>();
    JsonNode object = Json.at(row, "object");
    if (namespaces) {
      cells.add(Json.namespace(object));
    }
    JsonNode values = Json.at(row, "cells");
    for (int i = 0; i < shown.size(); i++) {
      JsonNode value = values.get(shown.get(i));
      String text =
          value == null || value.isNull()
              ? ""
              : value.isContainer() ? Json.compact(value) : value.asString();
      // a cell of several lines would break the table
      text = text.lines().findFirst().orElse("");
      cells.add(i == 0 && showKind ? reference + text : text);
    }
    JsonNode labels = Json.at(object, "metadata", "labels");
    for (String label : labelColumns) {
      cells.add(Json.text(labels, label));
    }
    if (showLabels) {
      cells.add(labels(labels));
    }
    return cells;
  }

  /// `a=1,b=2`, or `<none>`.
  public static String labels(JsonNode labels) {
    Map<String, String> sorted = new TreeMap<>();
    labels.properties().forEach(entry -> sorted.put(entry.getKey(), entry.getValue().asString()));
    return sorted.isEmpty()
        ? "<none>"
        : String.join(
            ",",
            sorted.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList());
  }
}
