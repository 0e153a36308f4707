package io.coxswain.client.codec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/// Builds one document's JSON from the parser's events.
final class YamlComposer {

  private static final int MOST_DEPTH = 250;

  /// Nodes that aliases may add: a few lines of nested anchors would else fill any memory.
  private static final int MOST_ALIASED_NODES = 100_000;

  private final Iterator<Event> events;
  private final Map<Anchor, JsonNode> anchors = new HashMap<>();
  private final List<String> duplicates = new ArrayList<>();
  private final FieldPath path = new FieldPath();
  private int depth;
  private int aliasedNodes;
  private int firstLine = 1;

  /// @param events standing behind the start of a document
  YamlComposer(Iterator<Event> events) {
    this.events = events;
  }

  JsonNode compose() {
    Event first = events.next();
    firstLine = line(first);
    return node(first);
  }

  List<String> duplicates() {
    return duplicates;
  }

  int firstLine() {
    return firstLine;
  }

  private static int line(Event event) {
    return event.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }

  private static YamlEngineException broken(Event at, String what) {
    return new YamlEngineException("line " + line(at) + ": " + what);
  }

  private JsonNode node(Event event) {
    // no switch over types: its first use costs a command line tool 10 ms
    if (event instanceof ScalarEvent scalar) {
      return anchored(
          scalar.getAnchor(), YamlScalars.resolve(scalar).orElseThrow(() -> unsupported(scalar)));
    }
    if (event instanceof AliasEvent alias) {
      return aliased(alias);
    }
    if (event instanceof CollectionStartEvent start) {
      return collection(start);
    }
    throw broken(event, "unexpected " + event.getEventId());
  }

  private static YamlEngineException unsupported(ScalarEvent scalar) {
    return broken(
        scalar,
        "cannot decode \""
            + scalar.getValue()
            + "\""
            + scalar.getTag().map(tag -> " as " + tag).orElse(" as JSON"));
  }

  private JsonNode anchored(Optional<Anchor> anchor, JsonNode node) {
    anchor.ifPresent(name -> anchors.put(name, node));
    return node;
  }

  private JsonNode aliased(AliasEvent alias) {
    JsonNode node = anchors.get(alias.getAlias());
    if (node == null) {
      throw broken(alias, "unknown anchor '" + alias.getAlias().getValue() + "' referenced");
    }
    aliasedNodes += size(node, MOST_ALIASED_NODES - aliasedNodes + 1);
    if (aliasedNodes > MOST_ALIASED_NODES) {
      throw broken(alias, "document contains excessive aliasing");
    }
    return node.deepCopy();
  }

  /// Counts no further than asked.
  private static int size(JsonNode node, int most) {
    int count = 1;
    for (JsonNode child : node.values()) {
      if (count >= most) {
        return count;
      }
      count += size(child, most - count);
    }
    return count;
  }

  private JsonNode collection(CollectionStartEvent start) {
    if (++depth > MOST_DEPTH) {
      throw broken(start, "nested deeper than " + MOST_DEPTH);
    }
    JsonNode node = start.getEventId() == Event.ID.SequenceStart ? sequence() : mapping();
    depth--;
    return anchored(start.getAnchor(), node);
  }

  private ArrayNode sequence() {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (Event event = events.next();
        event.getEventId() != Event.ID.SequenceEnd;
        event = events.next()) {
      int mark = path.enter(array.size());
      array.add(node(event));
      path.leave(mark);
    }
    return array;
  }

  private ObjectNode mapping() {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    List<JsonNode> merged = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Event event = events.next();
        event.getEventId() != Event.ID.MappingEnd;
        event = events.next()) {
      if (isMergeKey(event)) {
        addMerged(event, node(events.next()), merged);
        continue;
      }
      String key = key(event);
      int mark = path.enter(key);
      if (!seen.add(key)) {
        duplicates.add("duplicate field \"" + path + "\" (line " + line(event) + ")");
      }
      object.set(key, node(events.next()));
      path.leave(mark);
    }
    for (JsonNode source : merged) {
      source
          .properties()
          .forEach(entry -> {
            if (!object.has(entry.getKey())) {
              object.set(entry.getKey(), entry.getValue());
            }
          });
    }
    return object;
  }

  private static boolean isMergeKey(Event event) {
    return event instanceof ScalarEvent scalar
        && scalar.isPlain()
        && scalar.getValue().equals("<<");
  }

  /// Of several sources the first wins, and the mapping's own keys win over all.
  private static void addMerged(Event at, JsonNode value, List<JsonNode> merged) {
    if (value.isObject()) {
      merged.add(value);
      return;
    }
    if (value.isArray()) {
      for (JsonNode source : value.values()) {
        if (!source.isObject()) {
          throw broken(at, "map merge requires map or sequence of maps as the value");
        }
        merged.add(source);
      }
      return;
    }
    throw broken(at, "map merge requires map or sequence of maps as the value");
  }

  /// Keys of JSON are strings: numbers and booleans become their text.
  private String key(Event event) {
    JsonNode key = node(event);
    if (key.isContainer() || key instanceof NullNode) {
      throw broken(event, "unsupported map key: only strings, numbers and booleans can be keys");
    }
    return key.asString();
  }
}
