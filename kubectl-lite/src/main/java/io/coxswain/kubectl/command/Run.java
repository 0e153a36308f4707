package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.create.Containers;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Labels;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `run`: a single pod of an image, which may be joined to this terminal and removed afterwards.
final class Run implements Command {

  @Override
  public String name() {
    return "run";
  }

  @Override
  public String summary() {
    return "run a single pod";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite run web --image=nginx --port=80 --expose
    kubectl-lite run -it --rm shell --image=host:/// --restart=Never -- sh
    kubectl-lite run once --image=host:/// --restart=Never --command -- date\
    """;
  }

  @Override
  public Options declare(Options options) {
    return Overrides.declare(Changes.declare(options, "kubectl-run"))
        .value("image", ' ', "", "the container's image")
        .value("image-pull-policy", ' ', "", "Always, IfNotPresent or Never")
        .value("restart", ' ', "Always", "Always, OnFailure or Never")
        .repeated("env", ' ', "KEY=VALUE for the container's environment")
        .value("port", ' ', "", "the port that the container listens on")
        .value("labels", 'l', "", "the pod's labels; run=NAME when none are given")
        .repeated("annotations", ' ', "KEY=VALUE")
        .toggle("command", ' ', "what stands after -- is the command, not its arguments")
        .toggle("privileged", ' ', "with all rights on the node")
        .toggle("expose", ' ', "also make a ClusterIP service; needs --port")
        .toggle("stdin", 'i', "pass this program's input on")
        .toggle("tty", 't', "with a terminal")
        .toggle("attach", ' ', "show what it prints; implied by -i")
        .toggle("rm", ' ', "remove the pod when it ended; for pods that are attached to")
        .toggle("leave-stdin-open", ' ', "keep its input open when this program ends")
        .toggle("quiet", 'q', "only the program's output")
        .value("grace-period", ' ', "-1", "seconds that --rm gives the pod to end")
        .value("pod-running-timeout", ' ', "1m0s", "how long to wait until the pod runs")
        .toggle("save-config", ' ', "remember the object for a later apply");
  }

  @Override
  public int run(Session session) {
    Options options = session.options();
    if (options.words().isEmpty()) {
      throw new Failure("error: NAME is required for run");
    }
    boolean attach =
        options.isSet("attach") || (options.isSet("stdin") && !options.isGiven("attach"));
    String dryRun = DryRun.of(options);
    if (options.isSet("rm") && !attach) {
      throw new Failure("error: --rm should only be used for attached containers");
    }
    if (attach && !dryRun.equals("none")) {
      throw new Failure(
          "error: --dry-run="
              + dryRun
              + " can't be used with attached containers options (--attach, --stdin, or --tty)");
    }
    if (options.isSet("tty") && !options.isSet("stdin")) {
      throw new Failure("error: --stdin is required for containers with -t/--tty=true");
    }
    if (options.isSet("expose") && options.find("port").isEmpty()) {
      throw new Failure("error: --port must be set when exposing a service");
    }
    ObjectNode pod = Overrides.apply(options, pod(options));
    if (options.isSet("save-config")) {
      LastApplied.remember(pod);
    }
    JsonNode made = create(session, "Pod", pod);
    if (!attach) {
      Changes.told(session, made, "created");
    }
    if (options.isSet("expose")) {
      Changes.told(session, create(session, "Service", service(options, pod)), "created");
    }
    return attach ? attached(session, made) : 0;
  }

  private static JsonNode create(Session session, String kindName, ObjectNode object) {
    if (DryRun.of(session.options()).equals("client")) {
      if (session.options().isGiven("namespace")) {
        object.withObjectProperty("metadata").put("namespace", session.namespace());
      }
      return object;
    }
    Kind kind = session.discovery().kind("v1", kindName);
    return session.api().post(kind.path(session.namespace()) + Changes.query(session), object);
  }

  private static ObjectNode pod(Options options) {
    String name = options.words().getFirst();
    String image =
        options.find("image").orElseThrow(() -> new Failure("error: --image is required"));
    ObjectNode pod = Json.object().put("apiVersion", "v1").put("kind", "Pod");
    ObjectNode metadata = pod.putObject("metadata").put("name", name);
    pairs(options, "annotations", metadata);
    metadata.set(
        "labels",
        options.find("labels").map(Labels::plain).orElseGet(() -> Json.object().put("run", name)));
    ObjectNode spec = pod.putObject("spec");
    ObjectNode container =
        spec.putArray("containers").addObject().put("image", image).put("name", name);
    List<String> arguments =
        options.hasDashes()
            ? options.afterDashes()
            : options.words().subList(1, options.words().size());
    if (options.isSet("command") && options.hasDashes()) {
      Containers.command(container, options);
    } else if (!arguments.isEmpty()) {
      arguments.forEach(container.putArray(options.isSet("command") ? "command" : "args")::add);
    }
    for (String variable : options.all("env")) {
      int equals = variable.indexOf('=');
      if (equals <= 0) {
        throw new Failure("error: invalid env: " + variable + ", expected KEY=VALUE");
      }
      container
          .withArrayProperty("env")
          .addObject()
          .put("name", variable.substring(0, equals))
          .put("value", variable.substring(equals + 1));
    }
    options.find("image-pull-policy").ifPresent(each -> container.put("imagePullPolicy", each));
    if (options.find("port").isPresent()) {
      container.putArray("ports").addObject().put("containerPort", options.number("port"));
    }
    if (options.isSet("privileged")) {
      container.putObject("securityContext").put("privileged", true);
    }
    if (options.isSet("stdin")) {
      container.put("stdin", true);
      if (!options.isSet("leave-stdin-open")) {
        container.put("stdinOnce", true);
      }
    }
    if (options.isSet("tty")) {
      container.put("tty", true);
    }
    spec.put("dnsPolicy", "ClusterFirst");
    String restart = options.text("restart");
    if (!List.of("Always", "OnFailure", "Never").contains(restart)) {
      throw new Failure("error: invalid restart policy: " + restart);
    }
    spec.put("restartPolicy", restart);
    return pod;
  }

  private static void pairs(Options options, String name, ObjectNode metadata) {
    for (String pair : options.all(name)) {
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw new Failure("error: invalid --" + name + " \"" + pair + "\", expected KEY=VALUE");
      }
      metadata.withObjectProperty(name).put(pair.substring(0, equals), pair.substring(equals + 1));
    }
  }

  private static ObjectNode service(Options options, ObjectNode pod) {
    ObjectNode service = Json.object().put("apiVersion", "v1").put("kind", "Service");
    service.putObject("metadata").put("name", Json.name(pod));
    ObjectNode spec = service.putObject("spec");
    ArrayNode ports = spec.putArray("ports");
    ports
        .addObject()
        .put("port", options.number("port"))
        .put("protocol", "TCP")
        .put("targetPort", options.number("port"));
    spec.set("selector", Json.at(pod, "metadata", "labels"));
    return service;
  }

  private static int attached(Session session, JsonNode pod) {
    Options options = session.options();
    try {
      JsonNode ready = running(session, pod);
      String container = Json.text(Json.at(pod, "spec", "containers").get(0), "name");
      if (isOver(ready)) {
        Logs.print(session, ready, container);
      } else {
        attach(session, ready, container);
      }
      return Json.text(pod, "spec", "restartPolicy").equals("Always")
          ? 0
          : code(session, pod, container);
    } finally {
      if (options.isSet("rm")) {
        remove(session, pod);
      }
    }
  }

  /// The stream of a program that ends at once may break off: what it printed is still there.
  private static void attach(Session session, JsonNode pod, String container) {
    Options options = session.options();
    int ended = 0;
    try {
      ended =
          Attach.to(
              session,
              pod,
              container,
              options.isSet("stdin"),
              options.isSet("tty"),
              options.isSet("quiet"));
    } catch (Api.Refusal | Failure e) {
      JsonNode now = session.api().get(path(session, pod));
      if (!isOver(now)) {
        throw e;
      }
      session.err().println("Error attaching, falling back to logs: " + e.getMessage());
      Logs.print(session, now, container);
    }
    if (ended != 0) {
      throw new Failure("", ended);
    }
  }

  private static String path(Session session, JsonNode pod) {
    return session.discovery().kind("v1", "Pod").path(Json.namespace(pod), Json.name(pod));
  }

  private static boolean isOver(JsonNode pod) {
    return List.of("Succeeded", "Failed").contains(Json.text(pod, "status", "phase"));
  }

  private static JsonNode running(Session session, JsonNode pod) {
    Duration patience =
        Session.Durations.parse(
            session.options().text("pod-running-timeout"), "pod-running-timeout");
    JsonNode[] found = {pod};
    Await.until(
        session,
        session.discovery().kind("v1", "Pod"),
        Json.namespace(pod),
        Json.name(pod),
        session.world().clock().instant().plus(patience),
        object -> {
          found[0] = object.orElseThrow(() -> new Failure("error: the pod was deleted"));
          String phase = Json.text(found[0], "status", "phase");
          boolean started = false;
          for (JsonNode status : Json.at(found[0], "status", "containerStatuses")) {
            started |= Json.at(status, "state").has("running");
          }
          return isOver(found[0]) || (phase.equals("Running") && started);
        },
        () ->
            "error: timed out waiting for the condition: pod "
                + Json.name(pod)
                + " is "
                + Json.text(found[0], "status", "phase")
                + "; its events say more: kubectl-lite describe pod "
                + Json.name(pod));
    return found[0];
  }

  /// Of the container that ended, once that is known.
  private static int code(Session session, JsonNode pod, String container) {
    int[] code = {0};
    Instant end = session.world().clock().instant().plus(Duration.ofMinutes(1));
    Await.until(
        session,
        session.discovery().kind("v1", "Pod"),
        Json.namespace(pod),
        Json.name(pod),
        end,
        object -> {
          if (object.isEmpty() || !isOver(object.get())) {
            return object.isEmpty();
          }
          for (JsonNode status : Json.at(object.get(), "status", "containerStatuses")) {
            if (Json.text(status, "name").equals(container)) {
              code[0] = (int) Json.number(status, "state", "terminated", "exitCode");
            }
          }
          return true;
        },
        () -> "error: timed out waiting for the end of pod " + Json.name(pod));
    if (code[0] != 0) {
      throw new Failure(
          "pod " + Json.namespace(pod) + "/" + Json.name(pod) + " terminated (Error)", code[0]);
    }
    return 0;
  }

  private static void remove(Session session, JsonNode pod) {
    ObjectNode how =
        Json.object()
            .put("kind", "DeleteOptions")
            .put("apiVersion", "v1")
            .put("propagationPolicy", "Background");
    long grace = session.options().number("grace-period");
    if (grace >= 0) {
      how.put("gracePeriodSeconds", grace);
    }
    try {
      session.api().delete(path(session, pod), how);
    } catch (Api.Refusal e) {
      if (!e.isNotFound()) {
        throw e;
      }
      return;
    }
    if (!session.options().isSet("quiet")) {
      session
          .out()
          .println(
              "pod \"" + Json.name(pod) + "\" deleted from " + Json.namespace(pod) + " namespace");
      session.out().flush();
    }
    Await.until(
        session,
        session.discovery().kind("v1", "Pod"),
        Json.namespace(pod),
        Json.name(pod),
        Instant.MAX,
        Optional::isEmpty,
        () -> "");
  }
}
