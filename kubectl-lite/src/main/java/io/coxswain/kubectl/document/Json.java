package io.coxswain.kubectl.document;

import io.coxswain.client.codec.JsonTrees;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// JSON trees, and the few questions that every command asks of an object. They are read and
/// written by Jackson's streams alone, as [JsonTrees] does: making its object mapper takes 40 ms of
/// cpu, a quarter of what a whole `get` needs.
public final class Json {

  private static final JsonFactory FACTORY = new JsonFactory();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Json() {}

  public static ObjectNode object() {
    return NODES.objectNode();
  }

  /// The first value in a text; a missing node when the text is empty. What comes after it is not
  /// looked at.
  public static JsonNode parse(byte[] json) throws IOException {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      JsonToken first = parser.nextToken();
      return first == null ? NODES.missingNode() : JsonTrees.value(parser, first);
    } catch (JacksonException e) {
      throw new IOException("not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /// One value after another, as a watch sends them; each call of the iterator blocks for the next
  /// one, and throws a [io.coxswain.kubectl.Failure] when the stream breaks.
  public static Iterator<JsonNode> stream(InputStream json) {
    return new JsonStream(FACTORY.createParser(ObjectReadContext.empty(), json));
  }

  public static String compact(JsonNode node) {
    return new String(bytes(node), StandardCharsets.UTF_8);
  }

  /// Compact, with sorted keys: the same object always gives the same text.
  public static String sorted(JsonNode node) {
    return compact(ordered(node));
  }

  /// With sorted keys throughout.
  public static JsonNode ordered(JsonNode node) {
    if (node.isArray()) {
      ArrayNode copy = NODES.arrayNode();
      node.forEach(item -> copy.add(ordered(item)));
      return copy;
    }
    if (!node.isObject()) {
      return node;
    }
    ObjectNode copy = object();
    node.propertyNames().stream().sorted().forEach(name -> copy.set(name, ordered(at(node, name))));
    return copy;
  }

  public static byte[] bytes(JsonNode node) {
    return JsonTrees.bytes(node);
  }

  /// The node at a path of field names; a missing node when there is none.
  public static JsonNode at(JsonNode node, String... path) {
    JsonNode current = node;
    for (String name : path) {
      JsonNode child = current.get(name);
      if (child == null) {
        return MissingNode.getInstance();
      }
      current = child;
    }
    return current;
  }

  /// The string, number or boolean at a path as text; empty when there is none.
  public static String text(JsonNode node, String... path) {
    JsonNode found = at(node, path);
    return found.isNull() || found.isMissingNode() || found.isContainer() ? "" : found.asString();
  }

  public static long number(JsonNode node, String... path) {
    return at(node, path).asLong(0);
  }

  public static String name(JsonNode object) {
    return text(object, "metadata", "name");
  }

  public static String namespace(JsonNode object) {
    return text(object, "metadata", "namespace");
  }
}
