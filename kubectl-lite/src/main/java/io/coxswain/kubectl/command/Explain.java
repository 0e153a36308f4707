package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.OpenApi;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// `explain`: what a kind or field means, from the server's OpenAPI document.
final class Explain implements Command {

  private static final int WIDTH = 80;
  private static final int MOST_CHOICES = 4;

  @Override
  public String name() {
    return "explain";
  }

  @Override
  public String summary() {
    return "say what a kind or field means";
  }

  @Override
  public String examples() {
    return "kubectl-lite explain pod\nkubectl-lite explain deployment.spec.strategy\nkubectl-lite explain pods --recursive";
  }

  @Override
  public Options declare(Options options) {
    return options
        .toggle("recursive", ' ', "fields within fields too")
        .value("api-version", ' ', "", "the group and version, as apps/v1");
  }

  @Override
  public int run(Session session) {
    if (session.options().words().size() != 1) {
      throw new Failure(
          "error: you must specify the type of resource to explain, as pods or pods.spec.containers");
    }
    String[] path = session.options().words().getFirst().split("\\.", -1);
    Kind kind = session.discovery().kind(path[0]);
    String version = session.options().text("api-version");
    if (!version.isEmpty()) {
      kind = session.discovery().kind(version, kind.kind());
    }
    JsonNode schemas = Json.at(OpenApi.document(session, kind), "components", "schemas");
    JsonNode schema = root(schemas, kind);
    JsonNode property = schema;
    String name = "";
    for (int i = 1; i < path.length; i++) {
      name = path[i];
      property = Json.at(resolve(schemas, schema), "properties", name);
      if (property.isMissingNode()) {
        session.out().print(heading(kind));
        throw new Failure("error: field \"" + path[path.length - 1] + "\" does not exist");
      }
      schema = element(property);
    }
    print(session, kind, name, property, schemas);
    return 0;
  }

  private static JsonNode root(JsonNode schemas, Kind kind) {
    for (Map.Entry<String, JsonNode> entry : schemas.properties()) {
      for (JsonNode gvk : Json.at(entry.getValue(), "x-kubernetes-group-version-kind")) {
        if (Json.text(gvk, "kind").equals(kind.kind())
            && Json.text(gvk, "group").equals(kind.group())
            && Json.text(gvk, "version").equals(kind.version())) {
          return entry.getValue();
        }
      }
    }
    throw new Failure("error: the server describes no " + kind.kind() + " in " + kind.apiVersion());
  }

  /// What a list or map holds, or the thing itself.
  private static JsonNode element(JsonNode property) {
    JsonNode items = Json.at(property, "items");
    if (!items.isMissingNode()) {
      return items;
    }
    JsonNode values = Json.at(property, "additionalProperties");
    return values.isObject() ? values : property;
  }

  private static JsonNode resolve(JsonNode schemas, JsonNode schema) {
    String reference = reference(schema);
    return reference.isEmpty() ? schema : Json.at(schemas, reference);
  }

  private static String reference(JsonNode schema) {
    String reference = Json.text(schema, "$ref");
    for (JsonNode each : Json.at(schema, "allOf")) {
      reference = reference.isEmpty() ? Json.text(each, "$ref") : reference;
    }
    return reference.substring(reference.lastIndexOf('/') + 1);
  }

  /// A kind's name for what is an object, else JSON's.
  private static String type(JsonNode schemas, JsonNode property) {
    JsonNode items = Json.at(property, "items");
    if (!items.isMissingNode()) {
      return "[]" + type(schemas, items);
    }
    JsonNode values = Json.at(property, "additionalProperties");
    if (values.isObject()) {
      return "map[string]" + type(schemas, values);
    }
    String reference = reference(property);
    String type = Json.text(property, "type");
    if (!reference.isEmpty()) {
      type = Json.text(Json.at(schemas, reference), "type");
      return type.isEmpty() || type.equals("object")
          ? reference.substring(reference.lastIndexOf('.') + 1)
          : type;
    }
    return type.isEmpty() || type.equals("object") ? "Object" : type;
  }

  private static String heading(Kind kind) {
    return (kind.group().isEmpty() ? "" : "GROUP:      " + kind.group() + "\n")
        + "KIND:       "
        + kind.kind()
        + "\nVERSION:    "
        + kind.version()
        + "\n\n";
  }

  private static void print(
      Session session, Kind kind, String name, JsonNode property, JsonNode schemas) {
    StringBuilder text = new StringBuilder(heading(kind));
    if (!name.isEmpty()) {
      text.append("FIELD: ")
          .append(name)
          .append(" <")
          .append(type(schemas, property))
          .append(">\n");
      enumeration(property, text);
      text.append("\n\n");
    }
    JsonNode schema = resolve(schemas, element(property));
    text.append("DESCRIPTION:\n");
    String description = Json.text(property, "description");
    String own = Json.text(schema, "description");
    wrap(description.isEmpty() ? own : description, 4, text);
    if (!description.isEmpty() && !own.isEmpty() && !own.equals(description)) {
      wrap(own, 4, text);
    }
    text.append("    \n");
    JsonNode properties = Json.at(schema, "properties");
    if (!properties.isEmpty()) {
      text.append("FIELDS:\n");
      fields(session, schema, schemas, 2, new HashSet<>(), text);
    }
    session.out().print(text.append('\n'));
  }

  private static void enumeration(JsonNode property, StringBuilder text) {
    JsonNode values = Json.at(property, "enum");
    if (!values.isEmpty()) {
      List<String> names = new ArrayList<>();
      values.forEach(value -> names.add(shown(value)));
      text.append("ENUM:\n    ").append(String.join("\n    ", names));
    }
  }

  private static String shown(JsonNode value) {
    return value.asString().isEmpty() ? "\"\"" : value.asString();
  }

  /// On a line below a field; the first few of many.
  private static void choices(JsonNode property, int indent, StringBuilder text) {
    JsonNode values = Json.at(property, "enum");
    if (values.isEmpty()) {
      return;
    }
    List<String> names = new ArrayList<>();
    for (JsonNode value : values) {
      names.add(names.size() == MOST_CHOICES ? "...." : shown(value));
      if (names.size() > MOST_CHOICES) {
        break;
      }
    }
    text.repeat(' ', indent).append("enum: ").append(String.join(", ", names)).append('\n');
  }

  private static void fields(
      Session session,
      JsonNode schema,
      JsonNode schemas,
      int indent,
      Set<String> above,
      StringBuilder text) {
    boolean recursive = session.options().isSet("recursive");
    Set<String> required = new HashSet<>();
    Json.at(schema, "required").forEach(name -> required.add(name.asString()));
    Set<String> names = new TreeSet<>();
    Json.at(schema, "properties").properties().forEach(entry -> names.add(entry.getKey()));
    for (String name : names) {
      JsonNode property = Json.at(schema, "properties", name);
      text.repeat(' ', indent)
          .append(name)
          .append("\t<")
          .append(type(schemas, property))
          .append('>');
      text.append(required.contains(name) ? " -required-\n" : "\n");
      choices(property, indent, text);
      if (!recursive) {
        String description = Json.text(property, "description");
        wrap(description.isEmpty() ? "<no description>" : description, indent + 2, text);
        text.append('\n');
        continue;
      }
      String reference = reference(element(property));
      JsonNode inner =
          reference.isEmpty() ? MissingNode.getInstance() : Json.at(schemas, reference);
      if (!Json.at(inner, "properties").isEmpty() && above.add(reference)) {
        fields(session, inner, schemas, indent + 2, above, text);
        above.remove(reference);
      }
    }
  }

  private static void wrap(String paragraphs, int indent, StringBuilder text) {
    for (String paragraph : paragraphs.split("\n", -1)) {
      StringBuilder line = new StringBuilder();
      for (String word : paragraph.split(" ", -1)) {
        if (!line.isEmpty() && line.length() + word.length() + 1 > WIDTH - indent) {
          text.repeat(' ', indent).append(line).append('\n');
          line.setLength(0);
        }
        line.append(line.isEmpty() ? "" : " ").append(word);
      }
      text.repeat(' ', line.isEmpty() ? 0 : indent).append(line).append('\n');
    }
  }
}
