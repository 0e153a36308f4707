package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Descriptions;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Selection;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// `debug`: a container to look around with: in a pod that runs, in a copy of it, or on a node.
final class Debug implements Command {

  @Override
  public String name() {
    return "debug";
  }

  @Override
  public String summary() {
    return "look around in a pod, a copy of one, or on a node";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite debug web-1 -it --image=busybox
    kubectl-lite debug web-1 -it --copy-to=web-debug --container=main -- sh
    kubectl-lite debug web-1 --copy-to=web-debug --set-image=*=busybox
    kubectl-lite debug node/n1 -it --image=busybox\
    """;
  }

  @Override
  public Options declare(Options options) {
    return options
        .value("image", ' ', "", "the container's image")
        .value("image-pull-policy", ' ', "", "Always, IfNotPresent or Never")
        .value("container", 'c', "", "name of the container")
        .toggle("stdin", 'i', "pass this program's input on")
        .toggle("tty", 't', "with a terminal")
        .toggle("attach", ' ', "show what it prints; implied by -i")
        .toggle("quiet", 'q', "only the program's output")
        .repeated("env", ' ', "KEY=VALUE for the container's environment")
        .toggle("arguments-only", ' ', "what stands after -- are arguments, not the command")
        .value("target", ' ', "", "see the processes of this container of the pod")
        .value(
            "profile", ' ', "general", "general, baseline, restricted, netadmin, sysadmin, legacy")
        .value("custom", ' ', "", "file with more fields of the container")
        .value("copy-to", ' ', "", "make a copy of the pod with this name")
        .toggle("replace", ' ', "with --copy-to, delete the pod itself")
        .toggle("same-node", ' ', "with --copy-to, on the same node")
        .repeated("set-image", ' ', "with --copy-to, NAME=IMAGE of containers; * for all")
        .optional("share-processes", ' ', "true", "true", "with --copy-to, see all processes")
        .toggle("keep-labels", ' ', "with --copy-to, keep the labels")
        .toggle("keep-annotations", ' ', "with --copy-to, keep the annotations")
        .toggle("keep-liveness", ' ', "with --copy-to, keep liveness probes")
        .toggle("keep-readiness", ' ', "with --copy-to, keep readiness probes")
        .toggle("keep-startup", ' ', "with --copy-to, keep startup probes")
        .optional("keep-init-containers", ' ', "true", "true", "with --copy-to, run them");
  }

  @Override
  public int run(Session session) {
    check(session);
    for (String word : session.options().words()) {
      one(session, word);
    }
    return 0;
  }

  private static void check(Session session) {
    Options options = session.options();
    boolean image = options.find("image").isPresent();
    boolean setImage = !options.all("set-image").isEmpty();
    boolean words = !options.afterDashes().isEmpty();
    boolean container = options.find("container").isPresent();
    DebugProfile.of(options.text("profile"));
    if (options.isSet("attach") && !image && !container) {
      throw new Failure(
          "error: you must specify --container or create a new container using --image in order to"
              + " attach.");
    }
    if (options.find("copy-to").isPresent()) {
      if (!image && !setImage && !words) {
        throw new Failure("error: you must specify --image, --set-image or command arguments.");
      }
      if (words && !container && !image) {
        throw new Failure(
            "error: you must specify an existing container or a new image when specifying args.");
      }
      if (options.find("target").isPresent()) {
        throw new Failure(
            "error: --target is incompatible with --copy-to. Use --share-processes instead.");
      }
    } else {
      for (String option : List.of("replace", "same-node", "set-image")) {
        if (options.isSet(option) || (option.equals("set-image") && setImage)) {
          throw new Failure("error: --" + option + " may only be used with --copy-to.");
        }
      }
      if (!image) {
        throw new Failure("error: you must specify --image when not using --copy-to.");
      }
    }
    if (options.words().isEmpty()) {
      throw new Failure("error: NAME or filename is required for debug");
    }
    if (!List.of("", "Always", "IfNotPresent", "Never")
        .contains(options.text("image-pull-policy"))) {
      throw new Failure("error: invalid image pull policy: " + options.text("image-pull-policy"));
    }
    if (options.isSet("tty") && !options.isSet("stdin")) {
      throw new Failure("error: -i/--stdin is required for containers with -t/--tty=true");
    }
    if (options.text("profile").equals("legacy")) {
      session
          .err()
          .println(
              "--profile=legacy is deprecated and will be removed in the future. It is recommended"
                  + " to explicitly specify a profile, for example \"--profile=general\".");
    }
  }

  private static void one(Session session, String word) {
    Selection selection =
        Selection.single(session.discovery(), List.of(word.contains("/") ? word : "pod/" + word));
    Kind kind = selection.kind();
    JsonNode object = session.api().get(kind.path(session.namespace(), selection.name()));
    DebugPods.Made made;
    JsonNode pod;
    if (kind.kind().equals("Node") && kind.group().isEmpty()) {
      made = DebugPods.node(session, object);
      pod = create(session, made);
    } else if (!kind.kind().equals("Pod") || !kind.group().isEmpty()) {
      throw new Failure(
          "error: \"" + kind.apiVersion() + ", Kind=" + kind.kind() + "\" not supported by debug");
    } else if (session.options().find("copy-to").isPresent()) {
      made = DebugPods.copy(session, object);
      pod = create(session, made);
      if (session.options().isSet("replace")) {
        session
            .api()
            .delete(
                kind.path(Json.namespace(object), Json.name(object)),
                Json.object().put("gracePeriodSeconds", 0));
      }
    } else {
      made = DebugPods.ephemeral(session, object);
      pod = extend(session, kind, object, made);
    }
    boolean attach =
        session.options().isSet("attach")
            || (session.options().isSet("stdin") && !session.options().isGiven("attach"));
    if (attach && !made.container().isEmpty()) {
      session.out().flush();
      attach(session, pod, made.container());
    }
  }

  private static JsonNode create(Session session, DebugPods.Made made) {
    Kind pods = session.discovery().kind("v1", "Pod");
    return session.api().post(pods.path(Json.namespace(made.pod())), made.pod());
  }

  private static JsonNode extend(Session session, Kind kind, JsonNode before, DebugPods.Made made) {
    String target = session.options().text("target");
    if (!target.isEmpty() && !session.options().isSet("quiet")) {
      session
          .out()
          .println(
              "Targeting container \""
                  + target
                  + "\". If you don't see processes from this container it may be because the"
                  + " container runtime doesn't support this feature.");
    }
    try {
      return Changes.patchAlways(
          session, new Descriptions(session), kind, "ephemeralcontainers", before, made.pod());
    } catch (Api.Refusal e) {
      if (e.isNotFound() && Json.text(e.body(), "details", "name").isEmpty()) {
        throw new Failure(
            "error: ephemeral containers are disabled for this cluster (error from server: \""
                + e.told()
                + "\")");
      }
      throw e;
    }
  }

  /// Shows what the container has printed where it cannot be attached to any more.
  private static void attach(Session session, JsonNode pod, String container) {
    JsonNode[] now = {pod};
    String[] told = {""};
    Options options = session.options();
    if (!options.isSet("quiet") && state(pod, container).isEmpty()) {
      session
          .err()
          .println(
              "Waiting for container " + container + " of pod/" + Json.name(pod) + " to start...");
    }
    Await.until(
        session,
        session.discovery().kind("v1", "Pod"),
        Json.namespace(pod),
        Json.name(pod),
        Instant.MAX,
        found -> {
          now[0] = found.orElseThrow(() -> new Failure("error: the pod was deleted"));
          JsonNode state = state(now[0], container);
          String waiting = Json.text(state, "waiting", "message");
          if (!waiting.isEmpty() && !waiting.equals(told[0]) && !options.isSet("quiet")) {
            session.err().println("Warning: container " + container + ": " + waiting);
            told[0] = waiting;
          }
          return state.has("running") || state.has("terminated");
        },
        () -> "");
    if (state(now[0], container).has("terminated")) {
      Logs.print(session, now[0], container);
      return;
    }
    int code = 0;
    try {
      code =
          Attach.to(
              session,
              now[0],
              container,
              options.isSet("stdin"),
              options.isSet("tty"),
              options.isSet("quiet"));
    } catch (Api.Refusal | Failure e) {
      // It may have ended between the look at its state and the request.
      session
          .err()
          .println(
              "warning: couldn't attach to pod/"
                  + Json.name(pod)
                  + ", falling back to streaming logs: "
                  + (e instanceof Api.Refusal refusal ? refusal.told() : e.getMessage()));
      Logs.print(session, now[0], container);
    }
    if (code != 0) {
      throw new Failure("", code);
    }
  }

  private static JsonNode state(JsonNode pod, String container) {
    for (String list :
        List.of("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")) {
      for (JsonNode status : Json.at(pod, "status", list)) {
        if (Json.text(status, "name").equals(container)) {
          return Json.at(status, "state");
        }
      }
    }
    return Json.object();
  }
}
