package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.output.Age;
import io.coxswain.kubectl.output.Columns;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Selection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// `events`: what happened, oldest first.
final class Events implements Command {

  @Override
  public String name() {
    return "events";
  }

  @Override
  public String summary() {
    return "show what happened";
  }

  @Override
  public String examples() {
    return "kubectl-lite events\nkubectl-lite events --for pod/web-1\nkubectl-lite events -A --types=Warning";
  }

  @Override
  public Options declare(Options options) {
    return options
        .toggle("all-namespaces", 'A', "in every namespace")
        .value("for", ' ', "", "only about this object, KIND/NAME")
        .value("types", ' ', "", "only these, as Warning or Normal")
        .toggle("no-headers", ' ', "without the first line");
  }

  @Override
  public int run(Session session) {
    Options options = session.options();
    Map<String, String> query = new TreeMap<>();
    options
        .find("for")
        .map(word -> Selection.single(session.discovery(), List.of(word)))
        .ifPresent(about ->
            query.put(
                "fieldSelector",
                "involvedObject.kind="
                    + about.kind().kind()
                    + ",involvedObject.name="
                    + about.name()));
    List<JsonNode> events = list(session, Commands.namespace(session), query);
    if (options.find("types").isPresent()) {
      List<String> types = List.of(options.text("types").split(","));
      events.removeIf(
          event -> types.stream().noneMatch(Json.text(event, "type")::equalsIgnoreCase));
    }
    if (events.isEmpty()) {
      session
          .err()
          .println(
              "No events found"
                  + (options.isSet("all-namespaces")
                      ? "."
                      : " in " + session.namespace() + " namespace."));
      return 0;
    }
    boolean everywhere = options.isSet("all-namespaces");
    Columns columns = new Columns();
    if (!options.isSet("no-headers")) {
      columns.add(row(everywhere, "NAMESPACE", "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"));
    }
    Instant now = session.world().clock().instant();
    for (JsonNode event : events) {
      columns.add(
          row(
              everywhere,
              Json.namespace(event),
              age(event, now),
              Json.text(event, "type"),
              Json.text(event, "reason"),
              Json.text(event, "involvedObject", "kind")
                  + "/"
                  + Json.text(event, "involvedObject", "name"),
              Json.text(event, "message").strip().replace('\n', ' ')));
    }
    session.out().print(columns);
    return 0;
  }

  private static List<String> row(boolean everywhere, String namespace, String... rest) {
    List<String> row = new ArrayList<>(List.of(rest));
    if (everywhere) {
      row.addFirst(namespace);
    }
    return row;
  }

  /// Oldest first.
  static List<JsonNode> list(Session session, String namespace, Map<String, String> query) {
    Kind kind = session.discovery().kind("v1", "Event");
    List<JsonNode> events = new ArrayList<>();
    Json.at(session.api().get(kind.path(namespace, query)), "items").forEach(events::add);
    events.sort(Comparator.comparing(Events::lastSeen));
    return events;
  }

  static String lastSeen(JsonNode event) {
    for (String[] path :
        new String[][] {
          {"series", "lastObservedTime"},
          {"lastTimestamp"},
          {"eventTime"},
          {"metadata", "creationTimestamp"}
        }) {
      String time = Json.text(event, path);
      if (!time.isEmpty()) {
        return time;
      }
    }
    return "";
  }

  /// `3m (x5 over 10m)` for one that happened several times.
  static String age(JsonNode event, Instant now) {
    String last = Age.since(lastSeen(event), now);
    long count = Math.max(Json.number(event, "count"), Json.number(event, "series", "count"));
    String first = Json.text(event, "firstTimestamp");
    return count > 1 && !first.isEmpty()
        ? last + " (x" + count + " over " + Age.since(first, now) + ")"
        : last;
  }
}
