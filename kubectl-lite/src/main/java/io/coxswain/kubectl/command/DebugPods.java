package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.document.StrategicMerge;
import io.coxswain.kubectl.document.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What `debug` sends: pods and containers to look around with.
final class DebugPods {

  /// @param container the one to attach to; empty when there is none
  record Made(ObjectNode pod, String container) {}

  /// Those of names that Kubernetes makes: no vowels, so that no words come out.
  private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";

  private static final SecureRandom RANDOM = new SecureRandom();

  private DebugPods() {}

  private static String suffix() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 5; i++) {
      text.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
    }
    return text.toString();
  }

  /// Beside the containers of a node, with the node's own view of the world.
  static Made node(Session session, JsonNode node) {
    Options options = session.options();
    String container = options.find("container").orElse("debugger");
    String name = "node-debugger-" + Json.name(node) + "-" + suffix();
    if (!options.isSet("quiet")) {
      session
          .out()
          .println(
              "Creating debugging pod "
                  + name
                  + " with container "
                  + container
                  + " on node "
                  + Json.name(node)
                  + ".");
    }
    ObjectNode pod = Json.object().put("apiVersion", "v1").put("kind", "Pod");
    ObjectNode metadata = pod.putObject("metadata").put("name", name);
    metadata.put("namespace", session.namespace());
    metadata.putObject("labels").put("app.kubernetes.io/managed-by", "kubectl-debug");
    ObjectNode spec = pod.putObject("spec");
    spec.put("nodeName", Json.name(node)).put("restartPolicy", "Never");
    spec.putArray("tolerations").addObject().put("operator", "Exists");
    ObjectNode made = fresh(container);
    spec.putArray("containers").add(made);
    fill(options, made);
    finish(session, pod, made, DebugProfile.Style.NODE);
    return new Made(pod, container);
  }

  /// The pod with one more container.
  static Made ephemeral(Session session, JsonNode pod) {
    ObjectNode copy = (ObjectNode) pod.deepCopy();
    String name = name(session, copy);
    ObjectNode made = fresh(name);
    copy.withObjectProperty("spec").withArrayProperty("ephemeralContainers").add(made);
    fill(session.options(), made);
    session.options().find("target").ifPresent(target -> made.put("targetContainerName", target));
    finish(session, copy, made, DebugProfile.Style.EPHEMERAL);
    return new Made(copy, name);
  }

  /// Another pod like it, with one more container or another program in one.
  static Made copy(Session session, JsonNode pod) {
    Options options = session.options();
    ObjectNode copy = Json.object().put("apiVersion", "v1").put("kind", "Pod");
    ObjectNode metadata = copy.putObject("metadata").put("name", options.text("copy-to"));
    metadata.put("namespace", Json.namespace(pod));
    for (String field : List.of("labels", "annotations")) {
      if (!Json.at(pod, "metadata", field).isMissingNode()) {
        metadata.set(field, Json.at(pod, "metadata", field).deepCopy());
      }
    }
    ObjectNode spec = (ObjectNode) Json.at(pod, "spec").deepCopy();
    copy.set("spec", spec);
    spec.remove("ephemeralContainers");
    if (options.isGiven("share-processes")) {
      spec.put("shareProcessNamespace", !options.text("share-processes").equals("false"));
    }
    if (!options.isSet("same-node")) {
      spec.remove("nodeName");
    }
    images(options, spec);
    ObjectNode container = existing(spec, options.text("container"));
    if (container == null && options.find("image").isEmpty()) {
      if (!options.all("set-image").isEmpty()) {
        return new Made(copy, "");
      }
      throw new Failure("error: you must specify image when creating new container");
    }
    if (container == null) {
      container = fresh(name(session, copy));
      spec.withArrayProperty("containers").add(container);
    }
    fill(options, container);
    finish(session, copy, container, DebugProfile.Style.COPY);
    return new Made(copy, Json.text(container, "name"));
  }

  @org.jspecify.annotations.Nullable
  private static ObjectNode existing(ObjectNode spec, String name) {
    for (String list : List.of("containers", "initContainers")) {
      for (JsonNode each : Json.at(spec, list)) {
        if (!name.isEmpty()
            && Json.text(each, "name").equals(name)
            && each instanceof ObjectNode found) {
          return found;
        }
      }
    }
    return null;
  }

  /// `--set-image` of each container, where `*` means those that are not named.
  private static void images(Options options, ObjectNode spec) {
    for (String pair : options.list("set-image")) {
      if (pair.indexOf('=') <= 0) {
        throw new Failure("error: invalid --set-image: " + pair + ": it takes NAME=IMAGE");
      }
    }
    for (JsonNode each : Json.at(spec, "containers")) {
      for (String wanted : List.of("*", Json.text(each, "name"))) {
        for (String pair : options.list("set-image")) {
          int equals = pair.indexOf('=');
          if (pair.substring(0, equals).equals(wanted) && each instanceof ObjectNode container) {
            container.put("image", pair.substring(equals + 1));
          }
        }
      }
    }
  }

  private static String name(Session session, JsonNode pod) {
    Options options = session.options();
    if (options.find("container").isPresent()) {
      return options.text("container");
    }
    Set<String> taken = new HashSet<>();
    for (String list : List.of("containers", "initContainers", "ephemeralContainers")) {
      Json.at(pod, "spec", list).forEach(each -> taken.add(Json.text(each, "name")));
    }
    String name = "debugger-" + suffix();
    while (taken.contains(name)) {
      name = "debugger-" + suffix();
    }
    if (!options.isSet("quiet")) {
      session.out().println("Defaulting debug container name to " + name + ".");
    }
    return name;
  }

  private static ObjectNode fresh(String name) {
    return Json.object().put("name", name).put("terminationMessagePolicy", "File");
  }

  private static void fill(Options options, ObjectNode container) {
    List<String> words = options.afterDashes();
    if (!words.isEmpty()) {
      if (options.isSet("arguments-only")) {
        words.forEach(container.putArray("args")::add);
      } else {
        words.forEach(container.putArray("command")::add);
        container.remove("args");
      }
    }
    if (!options.all("env").isEmpty()) {
      var env = container.putArray("env");
      for (String pair : options.list("env")) {
        int equals = pair.indexOf('=');
        if (equals <= 0) {
          throw new Failure(
              "error: invalid argument \""
                  + pair
                  + "\" for --env: "
                  + pair
                  + " must be formatted as key=value");
        }
        env.addObject()
            .put("name", pair.substring(0, equals))
            .put("value", pair.substring(equals + 1));
      }
    }
    options.find("image").ifPresent(image -> container.put("image", image));
    options.find("image-pull-policy").ifPresent(policy -> container.put("imagePullPolicy", policy));
    container.put("stdin", options.isSet("stdin")).put("tty", options.isSet("tty"));
  }

  private static void finish(
      Session session, ObjectNode pod, ObjectNode container, DebugProfile.Style style) {
    Options options = session.options();
    DebugProfile.of(options.text("profile")).apply(pod, container, style, options);
    if (options.find("custom").isEmpty()) {
      return;
    }
    String file = options.text("custom");
    try {
      JsonNode custom = Yaml.one(Files.readAllBytes(session.world().folder().resolve(file)));
      for (String field : List.of("name", "command", "image", "lifecycle", "volumeDevices")) {
        if (custom.has(field)) {
          throw new Failure(
              "error: name, command, image, lifecycle and volume devices are not modifiable via"
                  + " custom profile");
        }
      }
      new StrategicMerge(true).into(container, custom);
    } catch (IOException e) {
      throw new Failure(
          "error: must pass a container spec json file for custom profile: " + e.getMessage());
    }
  }
}
