package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.output.JsonPath;
import io.coxswain.kubectl.output.Printer;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Selection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/// `wait`: until a condition, a field, or the end.
final class Wait implements Command {

  @Override
  public String name() {
    return "wait";
  }

  @Override
  public String summary() {
    return "wait until objects are ready, changed or gone";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite wait pod/web-1 --for=condition=Ready --timeout=60s
    kubectl-lite wait pods -l app=web --for=jsonpath='{.status.phase}'=Running
    kubectl-lite wait pod/web-1 --for=delete\
    """;
  }

  @Override
  public Options declare(Options options) {
    return Commands.selectors(options)
        .value("for", ' ', "", "condition=NAME[=VALUE], jsonpath='{…}'[=VALUE], create or delete")
        .value("timeout", ' ', "30s", "how long to wait")
        .toggle("all", ' ', "every object of the kind in the namespace");
  }

  @Override
  public int run(Session session) {
    String what =
        session
            .options()
            .find("for")
            .orElseThrow(() -> new Failure("error: --for is required, as --for=condition=Ready"));
    Predicate<Optional<JsonNode>> reached = predicate(what);
    Duration timeout = Session.Durations.parse(session.options().text("timeout"), "timeout");
    Instant end = session.world().clock().instant().plus(timeout);
    boolean any = false;
    for (Selection selection : Selection.of(session.discovery(), session.options().words())) {
      for (JsonNode object : objects(session, selection)) {
        any = true;
        one(
            session,
            selection.kind(),
            Json.namespace(object),
            Json.name(object),
            what,
            reached,
            end);
      }
    }
    if (!any && !what.equals("delete")) {
      throw new Failure("error: no matching resources found");
    }
    return 0;
  }

  private static void one(
      Session session,
      Kind kind,
      String namespace,
      String name,
      String what,
      Predicate<Optional<JsonNode>> reached,
      Instant end) {
    boolean mayBeAbsent = what.equals("delete") || what.equals("create");
    Await.until(
        session,
        kind,
        namespace,
        name,
        end,
        object -> {
          if (object.isEmpty() && !mayBeAbsent) {
            throw new Failure(
                "Error from server (NotFound): "
                    + kind.qualifiedPlural()
                    + " \""
                    + name
                    + "\" not found");
          }
          return reached.test(object);
        },
        () -> "error: timed out waiting for the condition on " + kind.plural() + "/" + name);
    session
        .out()
        .println(
            Printer.reference(kind, name)
                + (what.equals("delete") ? " deleted" : " condition met"));
    session.out().flush();
  }

  private static List<JsonNode> objects(Session session, Selection selection) {
    Kind kind = selection.kind();
    if (!selection.names().isEmpty()) {
      String namespace = kind.namespaced() ? session.namespace() : "";
      return selection.names().stream()
          .map(name ->
              (JsonNode)
                  Json.object()
                      .set("metadata", Json.object().put("name", name).put("namespace", namespace)))
          .toList();
    }
    if (!session.options().isSet("all")
        && session.options().find("selector").isEmpty()
        && session.options().find("field-selector").isEmpty()) {
      throw new Failure("error: name objects, or use -l or --all");
    }
    List<JsonNode> objects = new ArrayList<>();
    Json.at(
            session.api().get(kind.path(Commands.namespace(session), Get.query(session.options()))),
            "items")
        .forEach(objects::add);
    return objects;
  }

  private static Predicate<Optional<JsonNode>> predicate(String what) {
    if (what.equals("delete")) {
      return Optional::isEmpty;
    }
    if (what.equals("create")) {
      return Optional::isPresent;
    }
    if (what.startsWith("condition=")) {
      String[] parts = what.substring("condition=".length()).split("=", 2);
      String value = parts.length > 1 ? parts[1] : "true";
      return object ->
          object
              .flatMap(found -> Rollout.condition(found, parts[0]))
              .map(condition -> Json.text(condition, "status").equalsIgnoreCase(value))
              .orElse(false);
    }
    if (what.startsWith("jsonpath=")) {
      String rest = what.substring("jsonpath=".length());
      int close = rest.indexOf('}');
      if (close < 0) {
        throw new Failure("error: --for=jsonpath takes '{.path}'=VALUE, not: " + rest);
      }
      JsonPath path = JsonPath.parse(rest.substring(0, close + 1).replace("'", ""));
      String value = rest.substring(close + 1).replaceFirst("^'?=", "");
      return object ->
          object
              .map(found ->
                  path.find(found).stream()
                      .anyMatch(node ->
                          value.isEmpty()
                              || (!node.isContainer() && node.asString().equals(value))))
              .orElse(false);
    }
    throw new Failure(
        "error: unrecognized condition: \""
            + what
            + "\": it is condition=NAME, jsonpath='{…}'=VALUE, create or delete");
  }
}
