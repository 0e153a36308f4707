package io.coxswain.kubectl.kustomize;

import io.coxswain.kubectl.Spelling;
import io.coxswain.kubectl.create.KeysAndFiles;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.document.MergePatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Makes ConfigMaps and Secrets of files and values.
final class Generators {

  private static final List<String> FIELDS =
      List.of(
          "name", "namespace", "files", "literals", "env", "envs", "behavior", "options", "type");

  private final Path folder;
  private final Path file;
  private final Map<String, String> environment;
  private final JsonNode options;

  Generators(Path folder, Path file, Map<String, String> environment, JsonNode options) {
    this.folder = folder;
    this.file = file;
    this.environment = environment;
    this.options = options;
  }

  void run(JsonNode configMaps, JsonNode secrets, List<Item> items) {
    configMaps.forEach(each -> one("ConfigMap", each, items));
    secrets.forEach(each -> one("Secret", each, items));
  }

  private void one(String kind, JsonNode said, List<Item> items) {
    for (String field : said.propertyNames()) {
      if (!FIELDS.contains(field)) {
        throw Kustomize.wrong(
            file,
            "a generator knows no "
                + field
                + Spelling.nearest(field, FIELDS)
                    .map(near -> ": did you mean " + near + "?")
                    .orElse(": it takes " + String.join(", ", FIELDS)));
      }
    }
    String name = Json.text(said, "name");
    if (name.isEmpty()) {
      throw Kustomize.wrong(file, "a generator of a " + kind + " needs a name");
    }
    ObjectNode object = Json.object().put("apiVersion", "v1").put("kind", kind);
    ObjectNode metadata = object.putObject("metadata").put("name", name);
    String namespace = Json.text(said, "namespace");
    if (!namespace.isEmpty()) {
      metadata.put("namespace", namespace);
    }
    Map<String, byte[]> data = data(said);
    if (kind.equals("Secret")) {
      String type = Json.text(said, "type");
      object.put("type", type.isEmpty() ? "Opaque" : type);
      KeysAndFiles.intoSecret(data, object);
    } else {
      KeysAndFiles.intoConfigMap(data, object);
    }
    JsonNode own =
        said.has("options") ? MergePatch.apply(options, Json.at(said, "options")) : options;
    for (String field : List.of("labels", "annotations")) {
      if (!Json.at(own, field).isEmpty()) {
        metadata.set(field, Json.at(own, field));
      }
    }
    if (Json.at(own, "immutable").asBoolean(false)) {
      object.put("immutable", true);
    }
    boolean hashed = !Json.at(own, "disableNameSuffixHash").asBoolean(false);
    add(object, Json.text(said, "behavior"), hashed, items);
  }

  private Map<String, byte[]> data(JsonNode said) {
    List<String> envs = strings(Json.at(said, "envs"));
    if (!Json.text(said, "env").isEmpty()) {
      envs.add(Json.text(said, "env"));
    }
    return new KeysAndFiles(folder, environment)
        .environmentFiles(envs)
        .files(strings(Json.at(said, "files")))
        .literals(strings(Json.at(said, "literals")))
        .data();
  }

  private static List<String> strings(JsonNode list) {
    List<String> strings = new ArrayList<>();
    list.forEach(each -> strings.add(each.asString()));
    return strings;
  }

  private void add(ObjectNode object, String behavior, boolean hashed, List<Item> items) {
    String name = Json.name(object);
    Optional<Item> there =
        items.stream()
            .filter(item -> item.kind().equals(Json.text(object, "kind")) && item.wasNamed(name))
            .findFirst();
    switch (behavior) {
      case "", "create" -> {
        if (there.isPresent()) {
          throw Kustomize.wrong(
              file,
              there.get()
                  + " is there already: behavior: merge or replace changes it, or give another"
                  + " name");
        }
        Item item = new Item(object);
        item.hashed(hashed);
        items.add(item);
      }
      case "merge", "replace" -> {
        Item item =
            there.orElseThrow(() ->
                Kustomize.wrong(
                    file, "behavior: " + behavior + " needs a generated " + name + " below it"));
        into(item, object, behavior.equals("merge"));
        item.hashed(item.isHashed() && hashed);
      }
      default ->
          throw Kustomize.wrong(file, "behavior: it is create, merge or replace, not " + behavior);
    }
  }

  private static void into(Item item, ObjectNode object, boolean merge) {
    for (String field : List.of("data", "binaryData")) {
      if (!merge) {
        item.object().remove(field);
      }
      if (!Json.at(object, field).isEmpty()) {
        item.object().withObjectProperty(field).setAll((ObjectNode) Json.at(object, field));
      }
    }
    for (String field : List.of("labels", "annotations")) {
      if (Json.at(object, "metadata", field) instanceof ObjectNode values) {
        item.object().withObjectProperty("metadata").withObjectProperty(field).setAll(values);
      }
    }
  }
}
