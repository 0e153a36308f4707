package io.coxswain.kubectl.command;

import io.coxswain.client.codec.YamlCodec;
import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.output.Columns;
import io.coxswain.kubectl.output.Printer;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Selection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `rollout`: follows, lists, restarts, pauses and undoes the versions of a Deployment.
final class Rollout implements Command {

  private static final String REVISION = "deployment.kubernetes.io/revision";
  private static final String CAUSE = "kubernetes.io/change-cause";

  @Override
  public String name() {
    return "rollout";
  }

  @Override
  public String summary() {
    return "follow, restart, pause or undo the versions of a Deployment";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite rollout status deployment/web --timeout=2m
    kubectl-lite rollout history deployment/web --revision=2
    kubectl-lite rollout undo deployment/web --to-revision=1
    kubectl-lite rollout restart deployment/web
    kubectl-lite rollout pause deployment/web\
    """;
  }

  @Override
  public Options declare(Options options) {
    return options
        .value("timeout", ' ', "0s", "status: how long to wait; 0 for ever")
        .optional("watch", 'w', "true", "true", "status: wait until it is done")
        .value("revision", ' ', "0", "history: all of this one")
        .value("to-revision", ' ', "0", "undo: back to this one; 0 for the one before");
  }

  @Override
  public int run(Session session) {
    List<String> words = new ArrayList<>(session.options().words());
    if (words.isEmpty()) {
      throw new Failure(
          "error: rollout needs one of: status, history, undo, restart, pause, resume");
    }
    String verb = words.removeFirst();
    Selection selection = Selection.single(session.discovery(), words);
    Kind kind = selection.kind();
    if (!kind.group().equals("apps")
        || !List.of("Deployment", "StatefulSet", "DaemonSet").contains(kind.kind())) {
      throw new Failure("error: rollout is not supported on a " + kind.kind());
    }
    if (!kind.kind().equals("Deployment") && !verb.equals("restart")) {
      throw new Failure(
          "error: rollout "
              + verb
              + " of a "
              + kind.kind()
              + " is not built into kubectl-lite: use kubectl");
    }
    return switch (verb) {
      case "status" -> status(session, selection);
      case "history" -> history(session, selection);
      case "undo" -> undo(session, selection);
      case "restart" -> restart(session, selection);
      case "pause" -> pause(session, selection, true);
      case "resume" -> pause(session, selection, false);
      default ->
          throw new Failure(
              "error: unknown rollout command \""
                  + verb
                  + "\": it is one of status, history, undo, restart, pause, resume");
    };
  }

  private static String path(Session session, Selection selection) {
    return selection.kind().path(session.namespace(), selection.name());
  }

  private int status(Session session, Selection selection) {
    session.api().get(path(session, selection)); // says that it is not there
    Duration timeout = Session.Durations.parse(session.options().text("timeout"), "timeout");
    Instant end = timeout.isZero() ? Instant.MAX : session.world().clock().instant().plus(timeout);
    String[] last = {""};
    Await.until(
        session,
        selection.kind(),
        session.namespace(),
        selection.name(),
        end,
        object -> {
          JsonNode deployment =
              object.orElseThrow(() ->
                  new Failure(
                      "error: deployment \"" + selection.name() + "\" was deleted while waiting"));
          String waiting = waiting(selection.name(), deployment);
          String line =
              waiting.isEmpty()
                  ? "deployment \"" + selection.name() + "\" successfully rolled out"
                  : waiting;
          if (!line.equals(last[0])) {
            session.out().println(line);
            session.out().flush();
            last[0] = line;
          }
          return waiting.isEmpty() || session.options().text("watch").equals("false");
        },
        () -> "error: timed out waiting for the condition: " + last[0]);
    return 0;
  }

  /// What is still to come, in kubectl's words; empty when the rollout is done.
  private static String waiting(String name, JsonNode deployment) {
    if (Json.number(deployment, "metadata", "generation")
        > Json.number(deployment, "status", "observedGeneration")) {
      return "Waiting for deployment spec update to be observed...";
    }
    for (JsonNode condition : Json.at(deployment, "status", "conditions")) {
      if (Json.text(condition, "type").equals("Progressing")
          && Json.text(condition, "reason").equals("ProgressDeadlineExceeded")) {
        throw new Failure("error: deployment \"" + name + "\" exceeded its progress deadline");
      }
    }
    long wanted = Json.at(deployment, "spec", "replicas").asLong(1);
    long updated = Json.number(deployment, "status", "updatedReplicas");
    long all = Json.number(deployment, "status", "replicas");
    long available = Json.number(deployment, "status", "availableReplicas");
    String prefix = "Waiting for deployment \"" + name + "\" rollout to finish: ";
    if (updated < wanted) {
      return prefix + updated + " out of " + wanted + " new replicas have been updated...";
    }
    if (all > updated) {
      return prefix + (all - updated) + " old replicas are pending termination...";
    }
    if (available < updated) {
      return prefix + available + " of " + updated + " updated replicas are available...";
    }
    return "";
  }

  private record Revision(long number, JsonNode replicaSet) {}

  private static List<Revision> revisions(Session session, JsonNode deployment) {
    Kind replicaSets = session.discovery().kind("apps/v1", "ReplicaSet");
    String uid = Json.text(deployment, "metadata", "uid");
    List<Revision> revisions = new ArrayList<>();
    for (JsonNode set :
        Json.at(session.api().get(replicaSets.path(Json.namespace(deployment))), "items")) {
      for (JsonNode owner : Json.at(set, "metadata", "ownerReferences")) {
        String number = Json.text(set, "metadata", "annotations", REVISION);
        if (Json.text(owner, "uid").equals(uid) && !number.isEmpty()) {
          revisions.add(new Revision(Long.parseLong(number), set));
        }
      }
    }
    revisions.sort(Comparator.comparingLong(Revision::number));
    return revisions;
  }

  private int history(Session session, Selection selection) {
    JsonNode deployment = session.api().get(path(session, selection));
    List<Revision> revisions = revisions(session, deployment);
    long asked = session.options().number("revision");
    if (asked > 0) {
      Revision revision = find(revisions, asked);
      session.out().println("deployment.apps/" + selection.name() + " with revision #" + asked);
      session.out().println("Pod Template:");
      session
          .out()
          .print(YamlCodec.write(Json.at(revision.replicaSet(), "spec", "template")).indent(2));
      return 0;
    }
    session.out().println("deployment.apps/" + selection.name() + " ");
    Columns columns = new Columns().add("REVISION", "CHANGE-CAUSE");
    for (Revision revision : revisions) {
      String cause = Json.text(revision.replicaSet(), "metadata", "annotations", CAUSE);
      columns.add(Long.toString(revision.number()), cause.isEmpty() ? "<none>" : cause);
    }
    session.out().println(columns);
    return 0;
  }

  private static Revision find(List<Revision> revisions, long number) {
    return revisions.stream()
        .filter(revision -> revision.number() == number)
        .findFirst()
        .orElseThrow(() ->
            new Failure(
                "error: unable to find specified revision "
                    + number
                    + " in history: "
                    + revisions.stream().map(Revision::number).toList()
                    + " are kept"));
  }

  private int undo(Session session, Selection selection) {
    JsonNode deployment = session.api().get(path(session, selection));
    if (Json.at(deployment, "spec", "paused").asBoolean(false)) {
      throw new Failure(
          "error: you cannot rollback a paused deployment; resume it first with 'kubectl-lite rollout resume' and try again");
    }
    List<Revision> revisions = revisions(session, deployment);
    long asked = session.options().number("to-revision");
    if (asked == 0 && revisions.size() < 2) {
      throw new Failure(
          "error: no rollout history found for deployment \""
              + selection.name()
              + "\": it has only one version");
    }
    Revision target = asked == 0 ? revisions.get(revisions.size() - 2) : find(revisions, asked);
    ObjectNode template = (ObjectNode) Json.at(target.replicaSet(), "spec", "template").deepCopy();
    if (Json.at(template, "metadata", "labels") instanceof ObjectNode labels) {
      labels.remove("pod-template-hash");
    }
    if (template.equals(Json.at(deployment, "spec", "template"))) {
      session
          .out()
          .println(
              "deployment.apps/"
                  + selection.name()
                  + " skipped rollback (current template already matches revision "
                  + target.number()
                  + ")");
      return 0;
    }
    ArrayNode patch = Json.object().putArray("patch");
    patch.addObject().put("op", "replace").put("path", "/spec/template").set("value", template);
    session.api().patch(path(session, selection), Json.bytes(patch), "application/json-patch+json");
    session.out().println("deployment.apps/" + selection.name() + " rolled back");
    return 0;
  }

  private int restart(Session session, Selection selection) {
    JsonNode object = session.api().get(path(session, selection));
    if (Json.at(object, "spec", "paused").asBoolean(false)) {
      throw new Failure("error: can't restart paused deployment (run rollout resume first)");
    }
    ObjectNode patch = Json.object();
    patch
        .withObject("/spec/template/metadata/annotations")
        .put("kubectl.kubernetes.io/restartedAt", session.world().clock().instant().toString());
    session
        .api()
        .patch(path(session, selection), Json.bytes(patch), "application/merge-patch+json");
    session.out().println(Printer.reference(selection.kind(), selection.name()) + " restarted");
    return 0;
  }

  private int pause(Session session, Selection selection, boolean paused) {
    JsonNode deployment = session.api().get(path(session, selection));
    String what = paused ? "paused" : "resumed";
    if (Json.at(deployment, "spec", "paused").asBoolean(false) == paused) {
      throw new Failure(
          "error: deployments.apps \""
              + selection.name()
              + "\" is "
              + (paused ? "already paused" : "not paused"));
    }
    ObjectNode patch = Json.object();
    patch.putObject("spec").put("paused", paused);
    session
        .api()
        .patch(path(session, selection), Json.bytes(patch), "application/merge-patch+json");
    session.out().println("deployment.apps/" + selection.name() + " " + what);
    return 0;
  }

  static Optional<JsonNode> condition(JsonNode object, String type) {
    for (JsonNode condition : Json.at(object, "status", "conditions")) {
      if (Json.text(condition, "type").equalsIgnoreCase(type)) {
        return Optional.of(condition);
      }
    }
    return Optional.empty();
  }
}
