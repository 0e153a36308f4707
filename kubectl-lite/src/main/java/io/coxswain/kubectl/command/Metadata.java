package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.output.Printer;
import io.coxswain.kubectl.output.TablePrinter;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Selection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `label` and `annotate`: sets and removes single keys.
final class Metadata implements Command {

  private final String name;
  private final String field;

  private Metadata(String name, String field) {
    this.name = name;
    this.field = field;
  }

  static Metadata label() {
    return new Metadata("label", "labels");
  }

  static Metadata annotate() {
    return new Metadata("annotate", "annotations");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String summary() {
    return "set or remove " + field;
  }

  @Override
  public String examples() {
    return "kubectl-lite "
        + name
        + " pod web-1 tier=front\nkubectl-lite "
        + name
        + " pods --all tier-      # removes it\nkubectl-lite "
        + name
        + " node vm-1 zone=b --overwrite";
  }

  @Override
  public Options declare(Options options) {
    return DryRun.declare(Commands.selectors(options))
        .toggle("overwrite", ' ', "change a key that has another value")
        .toggle("all", ' ', "every object of the kind in the namespace")
        .toggle("list", ' ', "only show what is there")
        .value("output", 'o', "", "json, yaml or name")
        .value("resource-version", ' ', "", "only when the object has this version")
        .toggle("show-managed-fields", ' ', "keep metadata.managedFields in JSON and YAML");
  }

  @Override
  public int run(Session session) {
    List<String> words = new ArrayList<>();
    Map<String, String> changes = new LinkedHashMap<>();
    Set<String> removed = new HashSet<>();
    for (String word : session.options().words()) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        changes.put(word.substring(0, equals), word.substring(equals + 1));
      } else if (word.endsWith("-") && !words.isEmpty()) {
        changes.put(word.substring(0, word.length() - 1), "");
        removed.add(word.substring(0, word.length() - 1));
      } else {
        words.add(word);
      }
    }
    boolean list = session.options().isSet("list");
    if (changes.isEmpty() && !list) {
      throw new Failure(
          "error: at least one " + name + " update is required, as: KEY=VALUE, or KEY- to remove");
    }
    for (Selection selection : Selection.of(session.discovery(), words)) {
      for (JsonNode object : objects(session, selection)) {
        if (list) {
          session
              .out()
              .println(TablePrinter.labels(Json.at(object, "metadata", field)).replace(',', '\n'));
        } else {
          change(session, selection.kind(), object, changes, removed);
        }
      }
    }
    return 0;
  }

  private static List<JsonNode> objects(Session session, Selection selection) {
    Kind kind = selection.kind();
    if (!selection.names().isEmpty()) {
      return selection.names().stream()
          .map(object -> session.api().get(kind.path(session.namespace(), object)))
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

  private void change(
      Session session,
      Kind kind,
      JsonNode object,
      Map<String, String> changes,
      Set<String> removed) {
    JsonNode present = Json.at(object, "metadata", field);
    ObjectNode patch = Json.object();
    ObjectNode metadata = patch.putObject("metadata");
    ObjectNode values = metadata.putObject(field);
    session
        .options()
        .find("resource-version")
        .ifPresent(version -> metadata.put("resourceVersion", version));
    boolean changed = false;
    for (Map.Entry<String, String> change : changes.entrySet()) {
      String key = change.getKey();
      boolean there = present.has(key);
      if (removed.contains(key)) {
        values.putNull(key);
        changed |= there;
        if (!there) {
          session.out().println(name + " \"" + key + "\" not found.");
        }
        continue;
      }
      String old = Json.text(present, key);
      if (there && !old.equals(change.getValue()) && !session.options().isSet("overwrite")) {
        throw new Failure(
            "error: '" + key + "' already has a value (" + old + "), and --overwrite is false");
      }
      values.put(key, change.getValue());
      changed |= !there || !old.equals(change.getValue());
    }
    String dryRun = DryRun.of(session.options());
    JsonNode result = object;
    if (changed && !dryRun.equals("client")) {
      result =
          session
              .api()
              .patch(
                  kind.path(Json.namespace(object), Json.name(object))
                      + Api.query(
                          Map.of(
                              "dryRun", DryRun.query(dryRun), "fieldManager", "kubectl-" + name)),
                  Json.bytes(patch),
                  "application/merge-patch+json");
    }
    if (session.options().find("output").isPresent()) {
      session.out().print(Printer.of(session.options()).print(result, true));
    } else {
      String done =
          name.equals("label")
              ? (removed.size() == changes.size() ? "unlabeled" : "labeled")
              : "annotated";
      session
          .out()
          .println(
              Printer.reference(kind, Json.name(object))
                  + " "
                  + (changed ? done : "not " + done)
                  + DryRun.suffix(dryRun));
    }
  }
}
