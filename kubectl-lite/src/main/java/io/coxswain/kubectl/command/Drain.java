package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `drain`: cordons a node and evicts its pods, which their owners replace elsewhere.
final class Drain implements Command {

  private static final Duration PAUSE = Duration.ofSeconds(1);

  @Override
  public String name() {
    return "drain";
  }

  @Override
  public String summary() {
    return "empty a node, for maintenance";
  }

  @Override
  public String examples() {
    return "kubectl-lite drain vm-2 --ignore-daemonsets --delete-emptydir-data";
  }

  @Override
  public Options declare(Options options) {
    return options
        .value("selector", 'l', "", "every node with these labels")
        .toggle("ignore-daemonsets", ' ', "leave pods of DaemonSets")
        .toggle("delete-emptydir-data", ' ', "also pods whose emptyDir data is lost")
        .toggle("force", ' ', "also pods that nothing will replace")
        .toggle("disable-eviction", ' ', "delete instead of evicting: budgets are not asked")
        .value("grace-period", ' ', "-1", "seconds that a pod has to end; -1 for its own")
        .value("timeout", ' ', "0s", "how long to try; 0 for ever");
  }

  @Override
  public int run(Session session) {
    Duration timeout = Session.Durations.parse(session.options().text("timeout"), "timeout");
    Instant end = timeout.isZero() ? Instant.MAX : session.world().clock().instant().plus(timeout);
    for (String node : Cordon.nodes(session)) {
      Cordon.set(session, node, true);
      List<JsonNode> pods = pods(session, node);
      for (JsonNode pod : pods) {
        session.out().println("evicting pod " + Json.namespace(pod) + "/" + Json.name(pod));
        session.out().flush();
        evict(session, pod, end);
      }
      for (JsonNode pod : pods) {
        String uid = Json.text(pod, "metadata", "uid");
        Await.until(
            session,
            session.discovery().kind("v1", "Pod"),
            Json.namespace(pod),
            Json.name(pod),
            end,
            object ->
                object.map(found -> !Json.text(found, "metadata", "uid").equals(uid)).orElse(true),
            () ->
                "error: timed out: pod "
                    + Json.namespace(pod)
                    + "/"
                    + Json.name(pod)
                    + " is still on "
                    + node);
        session.out().println("pod/" + Json.name(pod) + " evicted");
        session.out().flush();
      }
      session.out().println("node/" + node + " drained");
    }
    return 0;
  }

  /// @throws Failure naming every pod that stands in the way, and the option that would let it go
  private static List<JsonNode> pods(Session session, String node) {
    Kind kind = session.discovery().kind("v1", "Pod");
    List<JsonNode> doomed = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (JsonNode pod :
        Json.at(
            session.api().get(kind.path("", Map.of("fieldSelector", "spec.nodeName=" + node))),
            "items")) {
      String phase = Json.text(pod, "status", "phase");
      boolean ended = phase.equals("Succeeded") || phase.equals("Failed");
      String name = Json.namespace(pod) + "/" + Json.name(pod);
      JsonNode annotations = Json.at(pod, "metadata", "annotations");
      if (annotations.has("kubernetes.io/config.mirror")) {
        continue;
      }
      String owner = controller(pod);
      if (owner.equals("DaemonSet") && !ended) {
        if (!session.options().isSet("ignore-daemonsets")) {
          problems.add(
              "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): " + name);
        }
        continue;
      }
      if (owner.isEmpty() && !ended && !session.options().isSet("force")) {
        problems.add(
            "cannot delete Pods that declare no controller (use --force to override): " + name);
        continue;
      }
      if (hasEmptyDir(pod) && !ended && !session.options().isSet("delete-emptydir-data")) {
        problems.add(
            "cannot delete Pods with local storage (use --delete-emptydir-data to override): "
                + name);
        continue;
      }
      doomed.add(pod);
    }
    if (!problems.isEmpty()) {
      throw new Failure(
          "error: unable to drain node \"" + node + "\":\n" + String.join("\n", problems));
    }
    return doomed;
  }

  private static String controller(JsonNode pod) {
    for (JsonNode owner : Json.at(pod, "metadata", "ownerReferences")) {
      if (Json.at(owner, "controller").asBoolean(false)) {
        return Json.text(owner, "kind");
      }
    }
    return "";
  }

  private static boolean hasEmptyDir(JsonNode pod) {
    for (JsonNode volume : Json.at(pod, "spec", "volumes")) {
      if (volume.has("emptyDir")) {
        return true;
      }
    }
    return false;
  }

  private static void evict(Session session, JsonNode pod, Instant end) {
    Kind kind = session.discovery().kind("v1", "Pod");
    String path = kind.path(Json.namespace(pod), Json.name(pod));
    ObjectNode deletion = Json.object();
    long grace = session.options().number("grace-period");
    if (grace >= 0) {
      deletion.put("gracePeriodSeconds", grace);
    }
    while (true) {
      try {
        if (session.options().isSet("disable-eviction")) {
          session.api().delete(path, deletion);
        } else {
          ObjectNode eviction =
              Json.object().put("apiVersion", "policy/v1").put("kind", "Eviction");
          eviction.set(
              "metadata",
              Json.object().put("name", Json.name(pod)).put("namespace", Json.namespace(pod)));
          eviction.set("deleteOptions", deletion);
          session.api().post(path + "/eviction", eviction);
        }
        return;
      } catch (Api.Refusal e) {
        if (e.isNotFound()) {
          return;
        }
        if (e.status() != 429 || session.world().clock().instant().isAfter(end)) {
          throw e;
        }
        session
            .err()
            .println(
                "error when evicting pod " + Json.name(pod) + " (will retry): " + e.getMessage());
        pause();
      }
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("error: interrupted");
    }
  }
}
