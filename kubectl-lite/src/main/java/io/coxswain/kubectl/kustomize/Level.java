package io.coxswain.kubectl.kustomize;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Spelling;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.document.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One `kustomization.yaml`: what it adds, and how it changes that.
final class Level {

  private static final List<String> FILES =
      List.of("kustomization.yaml", "kustomization.yml", "Kustomization");

  private static final List<String> FIELDS =
      List.of(
          "apiVersion",
          "kind",
          "metadata",
          "resources",
          "bases",
          "components",
          "namespace",
          "namePrefix",
          "nameSuffix",
          "commonLabels",
          "labels",
          "commonAnnotations",
          "images",
          "replicas",
          "patches",
          "patchesStrategicMerge",
          "patchesJson6902",
          "configMapGenerator",
          "secretGenerator",
          "generatorOptions");

  private final Path folder;
  private final Path file;
  private final JsonNode said;
  private final Map<String, String> environment;
  private final List<Path> above;

  /// @param above the folders that lead here, against circles
  /// @throws Failure when the folder has no kustomization, or one with a field that is not built
  Level(Path folder, Map<String, String> environment, List<Path> above) {
    this.folder = folder;
    this.environment = environment;
    this.above = new ArrayList<>(above);
    if (above.contains(folder)) {
      throw new Failure("error: the kustomization " + folder + " leads back to itself");
    }
    this.above.add(folder);
    this.file =
        find(folder)
            .orElseThrow(() ->
                new Failure(
                    "error: unable to find one of 'kustomization.yaml', 'kustomization.yml' or"
                        + " 'Kustomization' in directory '"
                        + folder
                        + "'"));
    try {
      this.said = Yaml.one(Files.readAllBytes(file));
    } catch (IOException e) {
      throw Kustomize.wrong(file, String.valueOf(e.getMessage()));
    }
    for (String field : said.propertyNames()) {
      if (!FIELDS.contains(field)) {
        throw Kustomize.wrong(
            file,
            "the field "
                + field
                + " is not built into kubectl-lite: use kubectl kustomize for it"
                + Spelling.nearest(field, FIELDS)
                    .map(near -> ", or did you mean " + near + "?")
                    .orElse(""));
      }
    }
  }

  private static Optional<Path> find(Path folder) {
    return FILES.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
  }

  static boolean isKustomization(Path folder) {
    return find(folder).isPresent();
  }

  /// Adds its objects, changed. A component changes those that are there already, too.
  void addTo(List<Item> items) {
    boolean component = Json.text(said, "kind").equals("Component");
    List<Item> own = component ? items : new ArrayList<>();
    for (String field : List.of("bases", "resources")) {
      Json.at(said, field).forEach(each -> resource(each.asString(), own));
    }
    Json.at(said, "components")
        .forEach(each -> new Level(inner(each.asString()), environment, above).addTo(own));
    new Generators(folder, file, environment, Json.at(said, "generatorOptions"))
        .run(Json.at(said, "configMapGenerator"), Json.at(said, "secretGenerator"), own);
    change(own);
    if (!component) {
      unique(own, items);
      items.addAll(own);
    }
  }

  private Path inner(String name) {
    return folder.resolve(name).toAbsolutePath().normalize();
  }

  private void resource(String name, List<Item> items) {
    if (name.contains("://") || name.startsWith("github.com/") || name.startsWith("git@")) {
      throw Kustomize.wrong(
          file, "resources: " + name + " is not here: fetch it, and name the folder or file");
    }
    Path path = inner(name);
    if (Files.isDirectory(path)) {
      new Level(path, environment, above).addTo(items);
      return;
    }
    List<Item> found = new ArrayList<>();
    for (JsonNode document : documents(path)) {
      add(path, document, found);
    }
    unique(found, items);
    items.addAll(found);
  }

  private static void add(Path path, JsonNode document, List<Item> found) {
    if (Json.text(document, "kind").endsWith("List") && Json.at(document, "items").isArray()) {
      Json.at(document, "items").forEach(item -> add(path, item, found));
      return;
    }
    if (!(document instanceof ObjectNode object)
        || Json.text(object, "kind").isEmpty()
        || Json.name(object).isEmpty()) {
      throw Kustomize.wrong(path, "an object needs apiVersion, kind and metadata.name");
    }
    found.add(new Item(object));
  }

  private List<JsonNode> documents(Path path) {
    try {
      return Yaml.all(Files.readAllBytes(path));
    } catch (java.nio.file.NoSuchFileException e) {
      throw Kustomize.wrong(file, "resources: there is no " + path);
    } catch (IOException e) {
      throw Kustomize.wrong(path, String.valueOf(e.getMessage()));
    }
  }

  private void unique(List<Item> added, List<Item> there) {
    for (Item item : added) {
      for (Item other : there) {
        if (item.kind().equals(other.kind())
            && item.group().equals(other.group())
            && item.name().equals(other.name())
            && item.namespace().equals(other.namespace())) {
          throw Kustomize.wrong(
              file, "may not add resource with an already registered id: " + item);
        }
      }
    }
  }

  private void change(List<Item> items) {
    Map<Item, String> before = new HashMap<>();
    items.forEach(item -> before.put(item, item.name()));
    Patches patches = new Patches(folder, file);
    patches.merge(Json.at(said, "patchesStrategicMerge"), items);
    patches.run(Json.at(said, "patches"), items);
    Changes changes = new Changes(file, items);
    changes.namespace(Json.text(said, "namespace"));
    changes.rename(Json.text(said, "namePrefix"), Json.text(said, "nameSuffix"));
    new LabelFields(items).run(Json.at(said, "commonLabels"), Json.at(said, "labels"));
    new LabelFields(items).annotations(Json.at(said, "commonAnnotations"));
    patches.run(Json.at(said, "patchesJson6902"), items);
    changes.replicas(Json.at(said, "replicas"));
    changes.images(Json.at(said, "images"));
    new References(items, before).rewrite();
  }
}
