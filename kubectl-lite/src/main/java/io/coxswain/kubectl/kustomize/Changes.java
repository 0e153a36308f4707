package io.coxswain.kubectl.kustomize;

import io.coxswain.kubectl.document.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The changes of single fields: namespaces, names, copies, images.
final class Changes {

  private static final Set<String> NAMED_BY_OTHERS =
      Set.of("CustomResourceDefinition", "APIService", "Namespace");
  private static final Set<String> SCALED =
      Set.of("Deployment", "ReplicaSet", "StatefulSet", "ReplicationController");

  private final Path file;
  private final List<Item> items;

  Changes(Path file, List<Item> items) {
    this.file = file;
    this.items = items;
  }

  void namespace(String namespace) {
    if (namespace.isEmpty()) {
      return;
    }
    for (Item item : items) {
      if (item.kind().equals("Namespace") && item.isKnown()) {
        item.rename(namespace);
      } else if (item.isNamespaced()) {
        item.move(namespace);
      }
      if (item.kind().endsWith("RoleBinding")) {
        for (JsonNode subject : Json.at(item.object(), "subjects")) {
          if (subject instanceof ObjectNode account
              && Json.text(account, "kind").equals("ServiceAccount")
              && Json.text(account, "name").equals("default")) {
            account.put("namespace", namespace);
          }
        }
      }
    }
  }

  void rename(String prefix, String suffix) {
    if (prefix.isEmpty() && suffix.isEmpty()) {
      return;
    }
    for (Item item : items) {
      if (!NAMED_BY_OTHERS.contains(item.kind())) {
        item.rename(prefix + item.name() + suffix);
      }
    }
  }

  void replicas(JsonNode replicas) {
    for (JsonNode each : replicas) {
      String name = Json.text(each, "name");
      boolean found = false;
      for (Item item : items) {
        if (SCALED.contains(item.kind()) && item.wasNamed(name)) {
          item.object()
              .withObjectProperty("spec")
              .put("replicas", (int) Json.number(each, "count"));
          found = true;
        }
      }
      if (!found) {
        throw Kustomize.wrong(
            file, "replicas: no Deployment, ReplicaSet or StatefulSet is named " + name);
      }
    }
  }

  void images(JsonNode images) {
    for (JsonNode image : images) {
      for (Item item : items) {
        if (!item.kind().equals("CustomResourceDefinition")) {
          image(item.object(), image);
        }
      }
    }
  }

  /// In every list of containers, wherever it is.
  private static void image(JsonNode node, JsonNode change) {
    node.properties()
        .forEach(entry -> {
          boolean containers =
              entry.getKey().equals("containers") || entry.getKey().equals("initContainers");
          for (JsonNode child : containers ? entry.getValue() : Json.object()) {
            if (child instanceof ObjectNode container && container.has("image")) {
              container.put("image", changed(Json.text(container, "image"), change));
            }
          }
          image(entry.getValue(), change);
        });
    if (node.isArray()) {
      node.forEach(child -> image(child, change));
    }
  }

  private static String changed(String image, JsonNode change) {
    int at = image.indexOf('@');
    String digest = at < 0 ? "" : image.substring(at);
    String rest = at < 0 ? image : image.substring(0, at);
    int colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
    String tag = colon < 0 ? "" : rest.substring(colon);
    String name = colon < 0 ? rest : rest.substring(0, colon);
    if (!name.equals(Json.text(change, "name"))) {
      return image;
    }
    String newName = Json.text(change, "newName");
    String newTag = Json.text(change, "newTag");
    String newDigest = Json.text(change, "digest");
    String suffix = Json.text(change, "tagSuffix");
    if (!newDigest.isEmpty()) {
      tag = newTag.isEmpty() ? "" : ":" + newTag;
      digest = "@" + newDigest;
    } else if (!newTag.isEmpty()) {
      tag = ":" + newTag;
      digest = "";
    }
    return (newName.isEmpty() ? name : newName) + tag + (tag.isEmpty() ? "" : suffix) + digest;
  }
}
