package io.coxswain.kubectl.apply;

import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// How the lists of kinds are merged, for the kinds of one command. A group's whole document has
/// hundreds of kilobytes, of which merging needs a few: these are kept in a file for each kind.
public final class Descriptions {

  private static final String SCHEMAS = "schemas";
  private static final String OF_KIND = "x-kubernetes-group-version-kind";

  private final Session session;
  private final Map<String, JsonNode> documents = new HashMap<>();
  private final Map<String, MergeKeys> known = new HashMap<>();

  public Descriptions(Session session) {
    this.session = session;
  }

  /// Blocks while the server is asked, when the file is missing or old.
  public MergeKeys mergeKeys(Kind kind) {
    return known.computeIfAbsent(kind.path(""), _ -> find(kind));
  }

  private MergeKeys find(Kind kind) {
    var kept = session.kept("merge-" + kind.apiVersion() + "-" + kind.kind());
    MergeKeys fromFile =
        kept.read().map(document -> in(document, kind)).orElseGet(() -> in(Json.object(), kind));
    if (fromFile.isKnown()) {
      return fromFile;
    }
    JsonNode document =
        documents.computeIfAbsent(kind.apiVersion(), _ -> OpenApi.document(session, kind));
    MergeKeys keys = in(document, kind);
    if (keys.isKnown()) {
      kept.write(reduced(document, keys.root()));
    }
    return keys;
  }

  private static MergeKeys in(JsonNode document, Kind kind) {
    return MergeKeys.in(document, kind.group(), kind.version(), kind.kind());
  }

  /// The schemas that are reached from one, and of them what says how lists are merged.
  static ObjectNode reduced(JsonNode document, String root) {
    JsonNode all = Json.at(document, "components", SCHEMAS);
    ObjectNode reduced = Json.object();
    ObjectNode schemas = reduced.putObject("components").putObject(SCHEMAS);
    Deque<String> ahead = new ArrayDeque<>();
    ahead.add(root);
    while (!ahead.isEmpty()) {
      String name = ahead.remove();
      if (schemas.has(name)) {
        continue;
      }
      ObjectNode schema = schemas.putObject(name);
      copy(Json.at(all, name), schema, ahead);
      if (name.equals(root)) {
        schema.set(OF_KIND, Json.at(all, name, OF_KIND));
      }
    }
    return reduced;
  }

  private static void copy(JsonNode from, ObjectNode to, Deque<String> ahead) {
    for (Map.Entry<String, JsonNode> entry : from.properties()) {
      JsonNode value = entry.getValue();
      switch (entry.getKey()) {
        case "$ref" -> refer(value, to, ahead);
        case "allOf" -> value.forEach(each -> refer(Json.at(each, "$ref"), to, ahead));
        case "items" -> copy(value, to.putObject("items"), ahead);
        case "x-kubernetes-patch-merge-key", "x-kubernetes-patch-strategy" ->
            to.set(entry.getKey(), value);
        case "properties" -> properties(value, to, ahead);
        default -> {} // for people, or for the server's checks
      }
    }
  }

  private static void properties(JsonNode from, ObjectNode to, Deque<String> ahead) {
    ObjectNode properties = Json.object();
    for (Map.Entry<String, JsonNode> entry : from.properties()) {
      ObjectNode property = Json.object();
      copy(entry.getValue(), property, ahead);
      if (!property.isEmpty()) { // a plain value is replaced, and needs no word
        properties.set(entry.getKey(), property);
      }
    }
    to.set("properties", properties);
  }

  private static void refer(JsonNode reference, ObjectNode to, Deque<String> ahead) {
    if (reference.isString()) {
      String target = reference.asString();
      to.put("$ref", target);
      ahead.add(target.substring(target.lastIndexOf('/') + 1));
    }
  }
}
