package io.coxswain.controlplane.server;

import io.coxswain.controlplane.server.ExtensionRequests.Extension;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Says in the aggregated form which kinds another server has, from the plain form that every
/// server knows: an APIResourceList.
final class ExtensionDiscovery {

  private ExtensionDiscovery() {}

  static void addResources(ArrayNode resources, Extension extension) {
    Map<String, ObjectNode> added = new HashMap<>();
    JsonNode list = extension.resources().path("resources");
    for (JsonNode resource : list) {
      String name = resource.path("name").asString("");
      if (!name.isEmpty() && name.indexOf('/') < 0) {
        added.put(name, resource(resources.addObject(), name, resource, extension));
      }
    }
    for (JsonNode part : list) {
      String name = part.path("name").asString("");
      int slash = name.indexOf('/');
      if (slash > 0) {
        ObjectNode parent =
            added.computeIfAbsent(
                name.substring(0, slash),
                whole -> resources.addObject().put("resource", whole).put("scope", scope(part)));
        ObjectNode entry = parent.withArray("subresources").addObject();
        entry.put("subresource", name.substring(slash + 1));
        kind(entry, part, extension);
        verbs(entry, part);
      }
    }
  }

  private static ObjectNode resource(
      ObjectNode entry, String name, JsonNode resource, Extension extension) {
    entry.put("resource", name);
    kind(entry, resource, extension);
    entry.put("scope", scope(resource));
    entry.put("singularResource", resource.path("singularName").asString(""));
    verbs(entry, resource);
    for (String texts : new String[] {"shortNames", "categories"}) {
      if (!resource.path(texts).isEmpty()) {
        entry.set(texts, resource.path(texts));
      }
    }
    return entry;
  }

  private static String scope(JsonNode resource) {
    return resource.path("namespaced").asBoolean(false) ? "Namespaced" : "Cluster";
  }

  private static void verbs(ObjectNode entry, JsonNode resource) {
    ArrayNode verbs = entry.putArray("verbs");
    resource.path("verbs").forEach(verbs::add);
  }

  private static void kind(ObjectNode entry, JsonNode resource, Extension extension) {
    entry
        .putObject("responseKind")
        .put("group", or(resource.path("group").asString(""), extension.group()))
        .put("version", or(resource.path("version").asString(""), extension.version()))
        .put("kind", resource.path("kind").asString(""));
  }

  private static String or(String said, String otherwise) {
    return said.isEmpty() ? otherwise : said;
  }
}
