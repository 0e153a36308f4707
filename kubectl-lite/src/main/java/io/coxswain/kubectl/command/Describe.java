package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.output.Columns;
import io.coxswain.kubectl.output.Description;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Selection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// `describe`: everything about an object that a person wants to know, with its events.
final class Describe implements Command {

  @Override
  public String name() {
    return "describe";
  }

  @Override
  public String summary() {
    return "tell all about objects, with their events";
  }

  @Override
  public String examples() {
    return "kubectl-lite describe pod web-1\nkubectl-lite describe deployment/web\nkubectl-lite describe nodes";
  }

  @Override
  public Options declare(Options options) {
    return Commands.selectors(options)
        .value("show-events", ' ', "true", "with the events about it");
  }

  @Override
  public int run(Session session) {
    boolean first = true;
    for (Selection selection : Selection.of(session.discovery(), session.options().words())) {
      for (JsonNode object : objects(session, selection)) {
        if (!first) {
          session.out().println("\n");
        }
        first = false;
        session.out().print(Description.of(object, session.world().clock().instant()));
        extra(session, selection.kind(), object);
        if (session.options().text("show-events").equals("true")) {
          events(session, selection.kind(), object);
        }
      }
    }
    if (first) {
      session.err().println("No resources found in " + session.namespace() + " namespace.");
    }
    return 0;
  }

  /// Whole names first; a word that is none may be the beginning of several.
  private static List<JsonNode> objects(Session session, Selection selection) {
    Kind kind = selection.kind();
    List<JsonNode> objects = new ArrayList<>();
    if (selection.names().isEmpty()) {
      Json.at(
              session
                  .api()
                  .get(kind.path(Commands.namespace(session), Get.query(session.options()))),
              "items")
          .forEach(item -> objects.add(typed(item, kind)));
      return objects;
    }
    JsonNode all = null;
    for (String name : selection.names()) {
      try {
        objects.add(session.api().get(kind.path(session.namespace(), name)));
      } catch (io.coxswain.kubectl.http.Api.Refusal e) {
        if (!e.isNotFound()) {
          throw e;
        }
        all = all == null ? session.api().get(kind.path(session.namespace())) : all;
        int before = objects.size();
        for (JsonNode item : Json.at(all, "items")) {
          if (Json.name(item).startsWith(name)) {
            objects.add(typed(item, kind));
          }
        }
        if (objects.size() == before) {
          throw e;
        }
      }
    }
    return objects;
  }

  private static JsonNode typed(JsonNode item, Kind kind) {
    return ((tools.jackson.databind.node.ObjectNode) item.deepCopy())
        .put("kind", kind.kind())
        .put("apiVersion", kind.apiVersion());
  }

  /// What lies in other objects: a node's pods, a Service's endpoints, who uses a claim.
  private static void extra(Session session, Kind kind, JsonNode object) {
    if (kind.kind().equals("Node")) {
      Columns columns = new Columns().add("  Namespace", "Name", "Phase");
      Kind pods = session.discovery().kind("v1", "Pod");
      JsonNode list =
          session
              .api()
              .get(pods.path("", Map.of("fieldSelector", "spec.nodeName=" + Json.name(object))));
      int running = 0;
      for (JsonNode pod : Json.at(list, "items")) {
        String phase = Json.text(pod, "status", "phase");
        if (!phase.equals("Succeeded") && !phase.equals("Failed")) {
          columns.add("  " + Json.namespace(pod), Json.name(pod), phase);
          running++;
        }
      }
      session.out().print("Non-terminated Pods:  (" + running + " in total)\n" + columns);
    } else if (kind.kind().equals("Service") && kind.group().isEmpty()) {
      Kind slices = session.discovery().kind("discovery.k8s.io/v1", "EndpointSlice");
      List<String> ready = new ArrayList<>();
      JsonNode list =
          session
              .api()
              .get(
                  slices.path(
                      Json.namespace(object),
                      Map.of("labelSelector", "kubernetes.io/service-name=" + Json.name(object))));
      for (JsonNode slice : Json.at(list, "items")) {
        for (JsonNode endpoint : Json.at(slice, "endpoints")) {
          if (!Json.text(endpoint, "conditions", "ready").equals("false")) {
            for (JsonNode port : Json.at(slice, "ports")) {
              Json.at(endpoint, "addresses")
                  .forEach(
                      address -> ready.add(address.asString() + ":" + Json.text(port, "port")));
            }
          }
        }
      }
      session
          .out()
          .print("Endpoints:  " + (ready.isEmpty() ? "<none>" : String.join(",", ready)) + "\n");
    } else if (kind.kind().equals("PersistentVolumeClaim")) {
      List<String> users = users(session, object);
      session
          .out()
          .print("Used By:  " + (users.isEmpty() ? "<none>" : String.join(", ", users)) + "\n");
    }
  }

  /// Names of pods whose volumes have the claim, be it by a volume of the pod's own.
  private static List<String> users(Session session, JsonNode claim) {
    Kind pods = session.discovery().kind("v1", "Pod");
    List<String> users = new ArrayList<>();
    for (JsonNode pod : Json.at(session.api().get(pods.path(Json.namespace(claim))), "items")) {
      for (JsonNode volume : Json.at(pod, "spec", "volumes")) {
        String named = Json.text(volume, "persistentVolumeClaim", "claimName");
        boolean own =
            volume.has("ephemeral")
                && (Json.name(pod) + "-" + Json.text(volume, "name")).equals(Json.name(claim));
        if (own || named.equals(Json.name(claim))) {
          users.add(Json.name(pod));
        }
      }
    }
    return users;
  }

  private static void events(Session session, Kind kind, JsonNode object) {
    Map<String, String> query = new TreeMap<>();
    query.put(
        "fieldSelector",
        "involvedObject.kind="
            + kind.kind()
            + ",involvedObject.name="
            + Json.name(object)
            + (kind.namespaced()
                ? ",involvedObject.uid=" + Json.text(object, "metadata", "uid")
                : ""));
    List<JsonNode> events;
    try {
      events = Events.list(session, Json.namespace(object), query);
    } catch (Failure e) {
      return; // a server without events
    }
    if (events.isEmpty()) {
      session.out().println("Events:  <none>");
      return;
    }
    Instant now = session.world().clock().instant();
    Columns columns = new Columns();
    columns.add("  Type", "Reason", "Age", "From", "Message");
    columns.add("  ----", "------", "----", "----", "-------");
    for (JsonNode event : events) {
      String from = Json.text(event, "source", "component");
      columns.add(
          "  " + Json.text(event, "type"),
          Json.text(event, "reason"),
          Events.age(event, now),
          from.isEmpty() ? Json.text(event, "reportingComponent") : from,
          Json.text(event, "message").strip());
    }
    session.out().print("Events:\n" + columns);
  }
}
