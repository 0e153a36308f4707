package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Manifest;
import io.coxswain.kubectl.apply.Manifests;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.output.Printer;
import io.coxswain.kubectl.output.TablePrinter;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Selection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `get`: objects as a table or whole, once or as they change.
final class Get implements Command {

  @Override
  public String name() {
    return "get";
  }

  @Override
  public String summary() {
    return "show objects: as a table, JSON, YAML, names or by a template";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite get pods -A -o wide
    kubectl-lite get deployment/web service/web
    kubectl-lite get pods -l app=web -o jsonpath='{.items[*].status.podIP}'
    kubectl-lite get pods -w\
    """;
  }

  @Override
  public Options declare(Options options) {
    return Manifests.declare(Printer.declare(Commands.selectors(options)))
        .toggle("watch", 'w', "show the objects, then their changes as they come")
        .toggle("watch-only", ' ', "only the changes")
        .toggle("show-labels", ' ', "a column with the labels")
        .toggle("show-kind", ' ', "the kind before each name")
        .repeated("label-columns", 'L', "a column for each of these labels")
        .toggle("ignore-not-found", ' ', "no error when a named object does not exist")
        .value("sort-by", ' ', "", "sort by this JSONPath")
        .value("chunk-size", ' ', "500", "objects to ask for at a time; 0 for all at once")
        .value("subresource", ' ', "", "status, scale or resize instead of the object itself")
        .value("raw", ' ', "", "what the server says to this path, as it is");
  }

  @Override
  public int run(Session session) {
    if (session.options().isGiven("raw")) {
      return raw(session);
    }
    List<Selection> selections = selections(session);
    if (session.options().isSet("watch") || session.options().isSet("watch-only")) {
      return watch(session, selections);
    }
    return Printer.isTable(session.options())
        ? tables(session, selections)
        : objects(session, selections);
  }

  private static int raw(Session session) {
    Options options = session.options();
    if (!options.words().isEmpty()) {
      throw new Failure("error: arguments may not be passed when --raw is specified");
    }
    if (!options.all("filename").isEmpty()
        || options.isSet("watch")
        || options.isSet("watch-only")
        || options.isGiven("output")
        || options.find("selector").isPresent()
        || options.find("field-selector").isPresent()) {
      throw new Failure("error: --raw may not be combined with -f, -w, -o, -l or --field-selector");
    }
    String path = options.text("raw");
    if (!path.startsWith("/") || path.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      throw new Failure("error: --raw takes a path of the server, as /api/v1/namespaces");
    }
    byte[] answer = session.api().raw("GET", path, null);
    session.out().write(answer, 0, answer.length);
    return 0;
  }

  private static List<Selection> selections(Session session) {
    if (session.options().all("filename").isEmpty()
        && session.options().all("kustomize").isEmpty()) {
      return Selection.of(session.discovery(), session.options().words());
    }
    List<Selection> selections = new ArrayList<>();
    for (Manifest manifest : Manifests.read(session)) {
      selections.add(
          new Selection(
              session.discovery().kind(manifest.apiVersion(), manifest.kind()),
              List.of(manifest.name())));
    }
    return selections;
  }

  private int tables(Session session, List<Selection> selections) {
    // kinds by their paths: the hash of a record is woven when it is first asked for, in 10 ms
    Set<String> kinds = new HashSet<>();
    selections.forEach(selection -> kinds.add(selection.kind().path("")));
    boolean several = kinds.size() > 1;
    boolean printed = false;
    int code = 0;
    Map<String, TablePrinter> printers = new HashMap<>();
    for (Selection selection : selections) {
      TablePrinter printer =
          printers.computeIfAbsent(
              selection.kind().path(""), _ -> printer(session, selection.kind(), several));
      boolean separated = !printed || printers.size() == 1;
      for (String path : paths(session, selection)) {
        try {
          String text = table(session, printer, selection.kind(), path);
          if (!text.isEmpty()) {
            if (!separated) {
              session.out().println();
              separated = true;
            }
            session.out().print(text);
            printed = true;
          }
        } catch (Api.Refusal e) {
          if (!e.isNotFound() || !session.options().isSet("ignore-not-found")) {
            session.out().flush();
            session.err().println(io.coxswain.kubectl.Refusals.text(e));
            code = 1;
          }
        }
      }
    }
    if (!printed && code == 0 && !session.options().isSet("ignore-not-found")) {
      boolean everywhere =
          session.options().isSet("all-namespaces")
              || selections.stream().noneMatch(s -> s.kind().namespaced());
      session
          .err()
          .println(
              everywhere
                  ? "No resources found"
                  : "No resources found in " + session.namespace() + " namespace.");
    }
    return code;
  }

  private static TablePrinter printer(Session session, Kind kind, boolean several) {
    return new TablePrinter(
        session.options(), kind.namespaced() && session.options().isSet("all-namespaces"), several);
  }

  private String table(Session session, TablePrinter printer, Kind kind, String path) {
    StringBuilder text = new StringBuilder();
    String next = path;
    while (!next.isEmpty()) {
      JsonNode table = session.api().get(next, TablePrinter.ACCEPT);
      if (session.options().find("sort-by").isPresent()) {
        sortRows(session, table);
      }
      text.append(printer.print(table, kind.qualifiedSingular() + "/"));
      next = nextPage(path, table);
    }
    return text.toString();
  }

  private static void sortRows(Session session, JsonNode table) {
    if (Json.at(table, "rows") instanceof ArrayNode rows) {
      List<JsonNode> sorted = new ArrayList<>();
      rows.forEach(sorted::add);
      sorted.sort(order(session, row -> Json.at(row, "object")));
      rows.removeAll();
      sorted.forEach(rows::add);
    }
  }

  private static Comparator<JsonNode> order(
      Session session, java.util.function.UnaryOperator<JsonNode> object) {
    var path = io.coxswain.kubectl.output.JsonPath.parse(session.options().text("sort-by"));
    return Comparator.comparing(
        node -> path.print(object.apply(node)),
        (a, b) -> {
          try {
            return Double.compare(Double.parseDouble(a), Double.parseDouble(b));
          } catch (NumberFormatException e) {
            return a.compareTo(b);
          }
        });
  }

  private static String nextPage(String path, JsonNode list) {
    String token = Json.text(list, "metadata", "continue");
    return token.isEmpty()
        ? ""
        : path
            + "&continue="
            + java.net.URLEncoder.encode(token, java.nio.charset.StandardCharsets.UTF_8);
  }

  /// One path for each named object, or the collection's.
  private static List<String> paths(Session session, Selection selection) {
    Options options = session.options();
    Kind kind = selection.kind();
    if (!selection.names().isEmpty()) {
      if (options.isSet("all-namespaces") && kind.namespaced()) {
        throw new Failure("error: a resource cannot be retrieved by name across all namespaces");
      }
      if (options.find("selector").isPresent() || options.find("field-selector").isPresent()) {
        throw new Failure("error: selectors and names cannot be given together");
      }
      String subresource = options.find("subresource").map(sub -> "/" + sub).orElse("");
      // a sort key may lie outside of the metadata that tables carry
      String include = options.find("sort-by").isPresent() ? "?includeObject=Object" : "";
      return selection.names().stream()
          .map(name -> kind.path(session.namespace(), name) + subresource + include)
          .toList();
    }
    Map<String, String> query = query(options);
    if (Printer.isTable(options) && options.find("sort-by").isPresent()) {
      query.put("includeObject", "Object");
    }
    long chunk = options.number("chunk-size");
    query.put(
        "limit",
        chunk > 0 && options.find("sort-by").isEmpty()
            ? Long.toString(Math.max(chunk, 1))
            : Integer.toString(Integer.MAX_VALUE));
    return List.of(kind.path(Commands.namespace(session), query));
  }

  static Map<String, String> query(Options options) {
    Map<String, String> query = new HashMap<>();
    query.put("labelSelector", options.text("selector"));
    query.put("fieldSelector", options.text("field-selector"));
    return query;
  }

  private int objects(Session session, List<Selection> selections) {
    Printer printer = Printer.of(session.options());
    List<JsonNode> found = new ArrayList<>();
    boolean single = selections.size() == 1 && selections.getFirst().names().size() == 1;
    boolean oneKind = selections.size() == 1;
    JsonNode whole = Json.object();
    int code = 0;
    for (Selection selection : selections) {
      for (String path : paths(session, selection)) {
        try {
          String next = path;
          while (!next.isEmpty()) {
            JsonNode answer = session.api().get(next);
            whole = answer;
            if (selection.names().isEmpty()) {
              Json.at(answer, "items").forEach(item -> found.add(typed(item, selection.kind())));
              next = nextPage(path, answer);
            } else {
              found.add(answer);
              next = "";
            }
          }
        } catch (Api.Refusal e) {
          if (!e.isNotFound() || !session.options().isSet("ignore-not-found")) {
            session.err().println(io.coxswain.kubectl.Refusals.text(e));
            code = 1;
          }
        }
      }
    }
    if (session.options().find("sort-by").isPresent()) {
      found.sort(order(session, node -> node));
    }
    if (single) {
      if (!found.isEmpty()) {
        session.out().print(printer.print(found.getFirst(), true));
      }
      return code;
    }
    ObjectNode list = Printer.list(found);
    if (oneKind && selections.getFirst().names().isEmpty() && whole instanceof ObjectNode) {
      list.set(
          "metadata",
          Json.object().put("resourceVersion", Json.text(whole, "metadata", "resourceVersion")));
    }
    session.out().print(printer.print(list, !session.options().isSet("no-headers")));
    return code;
  }

  /// A list's items carry no type of their own in some servers' answers.
  static JsonNode typed(JsonNode item, Kind kind) {
    if (item instanceof ObjectNode object && !object.has("kind")) {
      ObjectNode typed = Json.object();
      typed.put("apiVersion", kind.apiVersion());
      typed.put("kind", kind.kind());
      object.properties().forEach(entry -> typed.set(entry.getKey(), entry.getValue()));
      return typed;
    }
    return item;
  }

  private int watch(Session session, List<Selection> selections) {
    if (selections.size() != 1 || selections.getFirst().names().size() > 1) {
      throw new Failure(
          "error: you may only specify a single resource type, and one name, with --watch");
    }
    Selection selection = selections.getFirst();
    boolean table = Printer.isTable(session.options());
    TablePrinter tables = printer(session, selection.kind(), false);
    Map<String, String> query = query(session.options());
    if (!selection.names().isEmpty()) {
      query.put("fieldSelector", "metadata.name=" + selection.name());
    }
    String accept = table ? TablePrinter.ACCEPT : Api.JSON;
    String namespace = Commands.namespace(session);
    JsonNode list = session.api().get(selection.kind().path(namespace, query), accept);
    if (!selection.names().isEmpty() && Json.at(list, table ? "rows" : "items").isEmpty()) {
      session
          .api()
          .get(selection.kind().path(namespace, selection.name())); // says that it is not there
    }
    if (!session.options().isSet("watch-only")) {
      show(session, table, tables, selection.kind(), list);
    }
    query.put("watch", "true");
    query.put("resourceVersion", Json.text(list, "metadata", "resourceVersion"));
    Iterator<JsonNode> events =
        session.api().watch(selection.kind().path(namespace, query), accept);
    while (events.hasNext()) {
      JsonNode event = events.next();
      String type = Json.text(event, "type");
      JsonNode object = Json.at(event, "object");
      if (type.equals("ERROR")) {
        throw new Failure("error: " + Json.text(object, "message"));
      }
      if (!type.equals("BOOKMARK")) {
        show(session, table, tables, selection.kind(), object);
      }
    }
    return 0;
  }

  private static void show(
      Session session, boolean table, TablePrinter tables, Kind kind, JsonNode answer) {
    if (table) {
      session.out().print(tables.print(answer, kind.qualifiedSingular() + "/"));
    } else {
      Printer printer = Printer.of(session.options());
      JsonNode items = Json.at(answer, "items");
      for (JsonNode item : items.isArray() ? items : List.of(answer)) {
        session.out().print(printer.separator() + printer.print(typed(item, kind), true));
        if (session.options().text("output").startsWith("jsonpath")) {
          session.out().println();
        }
      }
    }
    session.out().flush();
  }
}
