package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Refusals;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Manifest;
import io.coxswain.kubectl.apply.Manifests;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Selection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `delete`: takes objects away, and waits until they are gone.
final class Delete implements Command {

  private record Doomed(Kind kind, String namespace, String name) {}

  @Override
  public String name() {
    return "delete";
  }

  @Override
  public String summary() {
    return "take objects away";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite delete pod web-1 --now
    kubectl-lite delete -f app.yaml
    kubectl-lite delete pods -l app=web
    kubectl-lite delete deployments --all\
    """;
  }

  @Override
  public Options declare(Options options) {
    return DryRun.declare(Manifests.declare(Commands.selectors(options)))
        .value("output", 'o', "", "name: only the names")
        .toggle("all", ' ', "every object of the kind in the namespace")
        .toggle("force", ' ', "remove at once, without waiting for the node to confirm")
        .toggle("now", ' ', "one second of grace")
        .toggle("ignore-not-found", ' ', "no error when an object does not exist")
        .value("grace-period", ' ', "-1", "seconds that a pod has to end; -1 for its own")
        .optional(
            "cascade",
            ' ',
            "background",
            "background",
            "what it owns: background, foreground or orphan")
        .optional("wait", ' ', "true", "true", "wait until they are gone")
        .value("timeout", ' ', "0s", "how long to wait; 0 for ever");
  }

  @Override
  public int run(Session session) {
    List<String> problems = new ArrayList<>();
    List<Doomed> doomed = doomed(session, problems);
    ObjectNode options = options(session.options());
    List<Doomed> deleted = new ArrayList<>();
    String dryRun = DryRun.of(session.options());
    for (Doomed object : doomed) {
      try {
        if (!dryRun.equals("client")) {
          session.api().delete(object.kind().path(object.namespace(), object.name()), options);
        }
        deleted.add(object);
        String reference = object.kind().qualifiedSingular();
        session
            .out()
            .println(
                session.options().text("output").equals("name")
                    ? reference + "/" + object.name()
                    : reference
                        + " \""
                        + object.name()
                        + "\" "
                        + (session.options().isSet("force") ? "force " : "")
                        + "deleted"
                        + (object.namespace().isEmpty()
                            ? ""
                            : " from " + object.namespace() + " namespace")
                        + DryRun.suffix(dryRun));
        session.out().flush();
      } catch (Api.Refusal e) {
        if (!(e.isNotFound() && session.options().isSet("ignore-not-found"))) {
          problems.add(Refusals.text(e));
        }
      }
    }
    if (doomed.isEmpty() && problems.isEmpty()) {
      session.out().println("No resources found");
    }
    if (session.options().text("wait").equals("true")
        && dryRun.equals("none")
        && !session.options().isSet("force")) {
      await(session, deleted);
    }
    if (!problems.isEmpty()) {
      throw new Failure(String.join("\n", problems));
    }
    return 0;
  }

  private static List<Doomed> doomed(Session session, List<String> problems) {
    List<Doomed> doomed = new ArrayList<>();
    if (!session.options().all("filename").isEmpty()
        || !session.options().all("kustomize").isEmpty()) {
      for (Manifest manifest : Manifests.read(session)) {
        try {
          Kind kind = session.discovery().kind(manifest.apiVersion(), manifest.kind());
          doomed.add(new Doomed(kind, Namespaces.of(session, manifest, kind), manifest.name()));
        } catch (Failure e) {
          problems.add(manifest.told(e.told()));
        }
      }
      return doomed;
    }
    boolean chosen =
        session.options().isSet("all")
            || session.options().find("selector").isPresent()
            || session.options().find("field-selector").isPresent();
    for (Selection selection : Selection.of(session.discovery(), session.options().words())) {
      Kind kind = selection.kind();
      if (selection.names().isEmpty() && !chosen) {
        throw new Failure(
            "error: resource(s) were provided, but no name was specified: name objects, or use -l or --all");
      }
      if (!selection.names().isEmpty()) {
        selection
            .names()
            .forEach(name ->
                doomed.add(new Doomed(kind, kind.namespaced() ? session.namespace() : "", name)));
        continue;
      }
      JsonNode list =
          session.api().get(kind.path(Commands.namespace(session), Get.query(session.options())));
      for (JsonNode item : Json.at(list, "items")) {
        doomed.add(new Doomed(kind, Json.namespace(item), Json.name(item)));
      }
    }
    return doomed;
  }

  static ObjectNode options(Options options) {
    ObjectNode body = Json.object().put("kind", "DeleteOptions").put("apiVersion", "v1");
    long grace = options.number("grace-period");
    if (options.isDeclared("now") && options.isSet("now")) {
      grace = 1;
    }
    boolean force = options.isDeclared("now") && options.isSet("force");
    if (force) {
      grace = 0;
    }
    if (grace == 0 && options.isDeclared("now") && !force) {
      grace = 1; // as kubectl: only --force removes without confirmation
    }
    if (grace >= 0) {
      body.put("gracePeriodSeconds", grace);
    }
    body.put(
        "propagationPolicy",
        switch (options.text("cascade")) {
          case "background", "true" -> "Background";
          case "foreground" -> "Foreground";
          case "orphan", "false" -> "Orphan";
          default ->
              throw new Failure(
                  "error: invalid cascade value ("
                      + options.text("cascade")
                      + "). Must be \"background\", \"foreground\", or \"orphan\".");
        });
    if (DryRun.of(options).equals("server")) {
      body.putArray("dryRun").add("All");
    }
    return body;
  }

  private static void await(Session session, List<Doomed> deleted) {
    Duration timeout = Session.Durations.parse(session.options().text("timeout"), "timeout");
    Instant end = session.world().clock().instant().plus(timeout);
    for (Doomed object : deleted) {
      Await.until(
          session,
          object.kind(),
          object.namespace(),
          object.name(),
          timeout.isZero() ? Instant.MAX : end,
          java.util.Optional::isEmpty,
          () ->
              "error: timed out waiting for "
                  + object.kind().singular()
                  + "/"
                  + object.name()
                  + " to be gone: its finalizers or its node have not let go of it");
    }
  }
}
