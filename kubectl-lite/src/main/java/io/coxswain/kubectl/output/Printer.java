package io.coxswain.kubectl.output;

import io.coxswain.client.codec.YamlCodec;
import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.template.GoTemplate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Prints whole objects, in the form that `-o` names. Tables are [TablePrinter]'s.
public final class Printer {

  private enum Form {
    YAML,
    JSON,
    NAME,
    JSON_PATH,
    JSON_PATH_AS_JSON,
    GO_TEMPLATE,
    CUSTOM_COLUMNS
  }

  private final Form form;
  private final String argument;
  private final boolean managedFields;

  private Printer(Form form, String argument, boolean managedFields) {
    this.form = form;
    this.argument = argument;
    this.managedFields = managedFields;
  }

  public static Options declare(Options options) {
    return options
        .value(
            "output",
            'o',
            "",
            "json, yaml, name, wide, jsonpath=…, jsonpath-as-json=…, jsonpath-file=…,"
                + " custom-columns=…, custom-columns-file=…, go-template=…, go-template-file=…")
        .value("template", ' ', "", "the template of -o go-template, or its file")
        .toggle("show-managed-fields", ' ', "keep metadata.managedFields in JSON and YAML")
        .toggle("no-headers", ' ', "tables without their first line");
  }

  /// Whether `-o` asks for a table, which the server makes.
  public static boolean isTable(Options options) {
    String output = options.text("output");
    return (output.isEmpty() && !hasTemplate(options)) || output.equals("wide");
  }

  private static boolean hasTemplate(Options options) {
    return options.isDeclared("template") && options.isGiven("template");
  }

  /// @throws Failure when `-o` names no known form
  public static Printer of(Options options) {
    String output = options.text("output");
    if (hasTemplate(options)) {
      output = (output.isEmpty() ? "go-template" : output) + "=" + options.text("template");
    }
    int equals = output.indexOf('=');
    String name = equals < 0 ? output : output.substring(0, equals);
    String argument = equals < 0 ? "" : output.substring(equals + 1);
    boolean managedFields = options.isSet("show-managed-fields");
    return switch (name) {
      case "yaml" -> new Printer(Form.YAML, "", managedFields);
      case "json" -> new Printer(Form.JSON, "", managedFields);
      case "name" -> new Printer(Form.NAME, "", managedFields);
      case "jsonpath" -> new Printer(Form.JSON_PATH, needed(name, argument), true);
      case "jsonpath-as-json" -> new Printer(Form.JSON_PATH_AS_JSON, needed(name, argument), true);
      case "jsonpath-file" -> new Printer(Form.JSON_PATH, file(name, argument), true);
      case "custom-columns" -> new Printer(Form.CUSTOM_COLUMNS, needed(name, argument), true);
      case "custom-columns-file" ->
          new Printer(Form.CUSTOM_COLUMNS, columnsFile(file(name, argument)), true);
      case "go-template", "template" -> new Printer(Form.GO_TEMPLATE, needed(name, argument), true);
      case "go-template-file", "templatefile" ->
          new Printer(Form.GO_TEMPLATE, file(name, argument), true);
      default ->
          throw new Failure(
              "error: unable to match a printer suitable for the output format \""
                  + output
                  + "\", allowed formats are: custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml");
    };
  }

  private static String needed(String name, String argument) {
    if (argument.isEmpty()) {
      throw new Failure(
          "error: -o "
              + name
              + " needs a template, as -o "
              + name
              + "="
              + (name.startsWith("json")
                  ? "'{.metadata.name}'"
                  : name.contains("template") ? "'{{.metadata.name}}'" : "NAME:.metadata.name"));
    }
    return argument;
  }

  private static String file(String name, String path) {
    try {
      return Files.readString(Path.of(needed(name, path)), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new Failure("error: cannot read " + path + ": " + e.getMessage());
    }
  }

  /// Two lines, headers above paths.
  private static String columnsFile(String text) {
    List<String> lines = text.lines().toList();
    if (lines.size() < 2) {
      throw new Failure("error: a custom columns file holds two lines: headers, and their paths");
    }
    String[] headers = lines.get(0).strip().split("\\s+", -1);
    String[] paths = lines.get(1).strip().split("\\s+", -1);
    if (headers.length != paths.length) {
      throw new Failure(
          "error: the custom columns file has "
              + headers.length
              + " headers for "
              + paths.length
              + " paths");
    }
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < headers.length; i++) {
      columns.add(headers[i] + ":" + paths[i]);
    }
    return String.join(",", columns);
  }

  /// One object, or a `List`.
  public String print(JsonNode object, boolean headers) {
    return switch (form) {
      case YAML -> YamlCodec.write(shown(object));
      case JSON -> pretty(shown(object));
      case NAME -> names(object);
      case JSON_PATH -> JsonPath.parse(argument).print(object);
      case JSON_PATH_AS_JSON -> {
        ArrayNode found = Json.object().putArray("found");
        JsonPath.parse(argument).find(object).forEach(found::add);
        yield pretty(found);
      }
      case GO_TEMPLATE -> GoTemplate.parse(argument).print(object);
      case CUSTOM_COLUMNS -> columns(object, headers);
    };
  }

  /// Between objects of a watch or of several manifests.
  public String separator() {
    return form == Form.YAML ? "---\n" : "";
  }

  private JsonNode shown(JsonNode object) {
    if (managedFields) {
      return object;
    }
    JsonNode copy = object.deepCopy();
    strip(copy);
    Json.at(copy, "items").forEach(Printer::strip);
    return copy;
  }

  private static void strip(JsonNode object) {
    if (Json.at(object, "metadata") instanceof ObjectNode metadata) {
      metadata.remove("managedFields");
    }
  }

  private static String names(JsonNode object) {
    StringBuilder text = new StringBuilder();
    for (JsonNode item : items(object)) {
      text.append(name(item)).append('\n');
    }
    return text.toString();
  }

  private static String name(JsonNode object) {
    String apiVersion = Json.text(object, "apiVersion");
    String kind = Json.text(object, "kind").toLowerCase(java.util.Locale.ROOT);
    int slash = apiVersion.indexOf('/');
    return kind + (slash < 0 ? "" : "." + apiVersion.substring(0, slash)) + "/" + Json.name(object);
  }

  private static Iterable<JsonNode> items(JsonNode object) {
    JsonNode items = Json.at(object, "items");
    return items instanceof ArrayNode array ? array : List.of(object);
  }

  private String columns(JsonNode object, boolean headers) {
    Columns columns = new Columns();
    List<String> names = new ArrayList<>();
    List<JsonPath> paths = new ArrayList<>();
    for (String column : argument.split(",", -1)) {
      int colon = column.indexOf(':');
      if (colon < 0) {
        throw new Failure("error: expected NAME:PATH in custom-columns, not: " + column);
      }
      names.add(column.substring(0, colon));
      paths.add(JsonPath.parse(column.substring(colon + 1)));
    }
    if (headers) {
      columns.add(names);
    }
    for (JsonNode item : items(object)) {
      columns.add(paths.stream().map(path -> cell(path, item)).toList());
    }
    return columns.toString();
  }

  private static String cell(JsonPath path, JsonNode item) {
    List<String> values =
        path.find(item).stream()
            .map(node ->
                node.isContainer()
                    ? GoTemplate.plain(node)
                    : node.isNull() ? "<nil>" : node.asString())
            .toList();
    return values.isEmpty() ? "<none>" : String.join(",", values);
  }

  /// Four blanks a level and sorted keys, as kubectl prints JSON.
  public static String pretty(JsonNode node) {
    StringBuilder text = new StringBuilder();
    pretty(Json.ordered(node), 0, text);
    return text.append('\n').toString();
  }

  private static void pretty(JsonNode node, int indent, StringBuilder text) {
    if (node.isObject() && !node.isEmpty()) {
      text.append("{\n");
      String separator = "";
      for (Map.Entry<String, JsonNode> entry : node.properties()) {
        text.append(separator)
            .repeat(' ', indent + 4)
            .append(Json.compact(Json.object().stringNode(entry.getKey())))
            .append(": ");
        pretty(entry.getValue(), indent + 4, text);
        separator = ",\n";
      }
      text.append('\n').repeat(' ', indent).append('}');
    } else if (node.isArray() && !node.isEmpty()) {
      text.append("[\n");
      String separator = "";
      for (JsonNode item : node) {
        text.append(separator).repeat(' ', indent + 4);
        pretty(item, indent + 4, text);
        separator = ",\n";
      }
      text.append('\n').repeat(' ', indent).append(']');
    } else {
      text.append(Json.compact(node));
    }
  }

  /// A `List` of objects of several kinds.
  public static ObjectNode list(List<JsonNode> items) {
    ObjectNode list = Json.object();
    list.put("apiVersion", "v1");
    ArrayNode array = list.putArray("items");
    items.forEach(array::add);
    list.put("kind", "List");
    list.putObject("metadata").put("resourceVersion", "");
    return list;
  }

  /// `deployment.apps/web`.
  public static String reference(Kind kind, String name) {
    return kind.qualifiedSingular() + "/" + name;
  }
}
