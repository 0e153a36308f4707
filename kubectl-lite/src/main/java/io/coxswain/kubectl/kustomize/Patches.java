package io.coxswain.kubectl.kustomize;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.document.JsonPatch;
import io.coxswain.kubectl.document.StrategicMerge;
import io.coxswain.kubectl.document.Yaml;
import io.coxswain.kubectl.resource.Labels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Patches: partial objects, or lists of operations, for the objects that they name or that a
/// target describes.
final class Patches {

  private static final List<String> FIELDS = List.of("path", "patch", "target", "options");
  private static final List<String> TARGET =
      List.of(
          "group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector");

  private final Path folder;
  private final Path file;

  Patches(Path folder, Path file) {
    this.folder = folder;
    this.file = file;
  }

  /// `patchesStrategicMerge`: files, or the patches themselves.
  void merge(JsonNode patches, List<Item> items) {
    for (JsonNode each : patches) {
      String text = each.asString();
      boolean inline = text.contains("\n");
      List<JsonNode> documents =
          inline ? parse(text.getBytes(StandardCharsets.UTF_8), file) : read(text);
      documents.forEach(patch -> mergeOne(patch, Json.object(), items, Json.object()));
    }
  }

  /// `patches`, and `patchesJson6902`, which are the same with operations alone.
  void run(JsonNode patches, List<Item> items) {
    for (JsonNode each : patches) {
      for (String field : each.propertyNames()) {
        if (!FIELDS.contains(field)) {
          throw Kustomize.wrong(file, "a patch knows no " + field);
        }
      }
      String path = Json.text(each, "path");
      String inline = Json.text(each, "patch");
      if (path.isEmpty() == inline.isEmpty()) {
        throw Kustomize.wrong(file, "a patch needs either path or patch");
      }
      JsonNode target = Json.at(each, "target");
      List<JsonNode> documents =
          path.isEmpty() ? parse(inline.getBytes(StandardCharsets.UTF_8), file) : read(path);
      for (JsonNode document : documents) {
        if (document.isArray()) {
          operations(document, target, items);
        } else {
          mergeOne(document, target, items, Json.at(each, "options"));
        }
      }
    }
  }

  private void operations(JsonNode operations, JsonNode target, List<Item> items) {
    if (target.isMissingNode()) {
      throw Kustomize.wrong(file, "a patch of operations needs a target");
    }
    for (Item item : targets(target, items)) {
      try {
        JsonPatch.apply(item.object(), operations);
      } catch (Failure e) {
        throw Kustomize.wrong(file, "the patch of " + item + ": " + e.told());
      }
      item.rename(item.name());
    }
  }

  private void mergeOne(JsonNode patch, JsonNode target, List<Item> items, JsonNode options) {
    List<Item> found = new ArrayList<>();
    if (!target.isMissingNode() && !target.isEmpty()) {
      found.addAll(targets(target, items));
    } else {
      Item described = new Item((ObjectNode) patch.deepCopy());
      for (Item item : items) {
        if (item.kind().equals(described.kind())
            && item.group().equals(described.group())
            && item.wasNamed(described.name())
            && (described.namespace().isEmpty() || item.wasIn(described.namespace()))) {
          found.add(item);
        }
      }
      if (found.isEmpty()) {
        throw Kustomize.wrong(
            file,
            "no resource matches strategic merge patch \""
                + described.kind()
                + "."
                + described.version()
                + (described.group().isEmpty() ? "" : "." + described.group())
                + "/"
                + described.name()
                + "."
                + (described.namespace().isEmpty() ? "[noNs]" : described.namespace())
                + "\"");
      }
    }
    for (Item item : found) {
      if (Json.text(patch, "$patch").equals("delete")) {
        items.remove(item);
        continue;
      }
      ObjectNode changes = (ObjectNode) patch.deepCopy();
      if (!Json.at(options, "allowKindChange").asBoolean(false)) {
        changes.remove("kind");
        changes.remove("apiVersion");
      }
      if (Json.at(changes, "metadata") instanceof ObjectNode metadata) {
        metadata.remove("namespace");
        if (!Json.at(options, "allowNameChange").asBoolean(false)) {
          metadata.remove("name");
        }
      }
      new StrategicMerge(item.isKnown()).into(item.object(), changes);
      item.rename(item.name());
    }
  }

  private List<Item> targets(JsonNode target, List<Item> items) {
    for (String field : target.propertyNames()) {
      if (!TARGET.contains(field)) {
        throw Kustomize.wrong(
            file, "a target knows no " + field + ": it takes " + String.join(", ", TARGET));
      }
    }
    List<Item> found = new ArrayList<>();
    for (Item item : items) {
      if (fits(Json.text(target, "group"), item.group())
          && fits(Json.text(target, "version"), item.version())
          && fits(Json.text(target, "kind"), item.kind())
          && item.wasNamedLike(name -> fits(Json.text(target, "name"), name))
          && item.wasInLike(name -> fits(Json.text(target, "namespace"), name))
          && labels(Json.text(target, "labelSelector"), item.object(), "labels")
          && labels(Json.text(target, "annotationSelector"), item.object(), "annotations")) {
        found.add(item);
      }
    }
    return found;
  }

  /// The whole of it, as a regular expression.
  private static boolean fits(String expression, String value) {
    return expression.isEmpty() || value.matches(expression);
  }

  private static boolean labels(String selector, JsonNode object, String field) {
    if (selector.isEmpty()) {
      return true;
    }
    ObjectNode asLabels = Json.object();
    asLabels.putObject("metadata").set("labels", Json.at(object, "metadata", field));
    return Labels.match(Labels.parse(selector), asLabels);
  }

  private List<JsonNode> read(String name) {
    Path path = folder.resolve(name);
    try {
      return parse(Files.readAllBytes(path), path);
    } catch (java.nio.file.NoSuchFileException e) {
      throw Kustomize.wrong(file, "there is no patch " + path);
    } catch (IOException e) {
      throw Kustomize.wrong(path, String.valueOf(e.getMessage()));
    }
  }

  private static List<JsonNode> parse(byte[] text, Path from) {
    try {
      return Yaml.all(text);
    } catch (IOException e) {
      throw Kustomize.wrong(from, "a patch is no YAML: " + e.getMessage());
    }
  }
}
