package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Descriptions;
import io.coxswain.kubectl.apply.Manifest;
import io.coxswain.kubectl.apply.Manifests;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The objects that are there already, named by words, `-l`, `--all` or `-f`, which a command
/// changes one after another.
final class Targets {

  /// An object as it is now.
  record Target(Kind kind, JsonNode object) {

    /// To be changed.
    ObjectNode copy() {
      return (ObjectNode) object.deepCopy();
    }
  }

  private Targets() {}

  static Options declare(Options options) {
    return Manifests.declare(Commands.selectors(options))
        .toggle("all", ' ', "every object of the kind in the namespace");
  }

  /// @param words without those that say what to change
  static List<Target> of(Session session, List<String> words) {
    List<Target> targets = new ArrayList<>();
    Options options = session.options();
    if (!options.all("filename").isEmpty() || !options.all("kustomize").isEmpty()) {
      for (Manifest manifest : Manifests.read(session)) {
        Kind kind = session.discovery().kind(manifest.apiVersion(), manifest.kind());
        String namespace = Namespaces.of(session, manifest, kind);
        targets.add(new Target(kind, session.api().get(kind.path(namespace, manifest.name()))));
      }
      return targets;
    }
    for (Selection selection : Selection.of(session.discovery(), words)) {
      of(session, selection, targets);
    }
    return targets;
  }

  private static void of(Session session, Selection selection, List<Target> targets) {
    Kind kind = selection.kind();
    Options options = session.options();
    if (!selection.names().isEmpty()) {
      for (String name : selection.names()) {
        targets.add(new Target(kind, session.api().get(kind.path(session.namespace(), name))));
      }
      return;
    }
    if (!options.isSet("all")
        && options.find("selector").isEmpty()
        && options.find("field-selector").isEmpty()) {
      throw new Failure(
          "error: resource(s) were provided, but no name was specified: name objects, or use -l or"
              + " --all");
    }
    String path = kind.path(Commands.namespace(session), Get.query(options));
    for (JsonNode item : Json.at(session.api().get(path), "items")) {
      targets.add(new Target(kind, Get.typed(item, kind)));
    }
  }

  /// Changes a copy of each object, sends what differs, and says so where something does. With
  /// `--local` the objects of the files are changed and printed, and no server is asked.
  ///
  /// @return the exit code
  static int change(Session session, List<String> words, String done, Consumer<ObjectNode> change) {
    if (session.options().isSet("local")) {
      for (Manifest manifest : Manifests.read(session)) {
        ObjectNode wanted = manifest.object().deepCopy();
        change.accept(wanted);
        Changes.told(session, wanted, done);
      }
      return 0;
    }
    Descriptions descriptions = new Descriptions(session);
    List<String> problems = new ArrayList<>();
    for (Target target : of(session, words)) {
      ObjectNode wanted = target.copy();
      try {
        change.accept(wanted);
      } catch (Failure e) {
        problems.add(e.told());
        continue;
      }
      if (!wanted.equals(target.object())) {
        JsonNode result =
            Changes.patch(session, descriptions, target.kind(), "", target.object(), wanted);
        Changes.told(session, result, done);
      } else if (session.options().find("output").isPresent()) {
        Changes.told(session, wanted, done);
      }
    }
    if (!problems.isEmpty()) {
      throw new Failure(String.join("\n", problems));
    }
    return 0;
  }

  /// `spec` of a pod, or of the pods that an object makes.
  ///
  /// @throws Failure when it makes none
  static ObjectNode podSpec(ObjectNode object) {
    String kind = Json.text(object, "kind");
    JsonNode spec =
        switch (kind) {
          case "Pod" -> Json.at(object, "spec");
          case "CronJob" -> Json.at(object, "spec", "jobTemplate", "spec", "template", "spec");
          default -> Json.at(object, "spec", "template", "spec");
        };
    if (spec instanceof ObjectNode found) {
      return found;
    }
    throw new Failure(
        "error: "
            + Changes.reference(object)
            + ": the object is not a pod or does not have a pod template");
  }

  /// The pod's containers and init containers whose names fit, where `*` stands for any letters.
  static List<ObjectNode> containers(ObjectNode podSpec, String pattern) {
    List<ObjectNode> found = new ArrayList<>();
    String expression = "\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E";
    for (String list : List.of("initContainers", "containers")) {
      for (JsonNode container : Json.at(podSpec, list)) {
        if (container instanceof ObjectNode each && Json.text(each, "name").matches(expression)) {
          found.add(each);
        }
      }
    }
    return found;
  }
}
