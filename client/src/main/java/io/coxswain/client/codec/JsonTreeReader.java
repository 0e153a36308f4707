package io.coxswain.client.codec;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Reads a document of which no message is known into a tree, noting members given twice: the last
/// one counts. Numbers become what Kubernetes makes of them: whole ones that fit are 64 bits, all
/// others are doubles.
final class JsonTreeReader {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /// Doubles count exactly up to here.
  private static final double MOST_EXACT = 1L << 53;

  private static final int MOST_DUPLICATES = 50;

  private final JsonParser parser;
  private final FieldPath path = new FieldPath();
  private final List<String> duplicates = new ArrayList<>();

  JsonTreeReader(JsonParser parser) {
    this.parser = parser;
  }

  /// As `duplicate field "spec.foo"`.
  List<String> duplicates() {
    return duplicates;
  }

  /// The value on which the parser stands.
  JsonNode read() {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object();
      case START_ARRAY -> array();
      case VALUE_STRING -> NODES.stringNode(WholeText.of(parser.getString()));
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NUMBER_INT -> whole();
      case VALUE_NUMBER_FLOAT -> number(parser.getDoubleValue());
      case null, default -> NODES.nullNode();
    };
  }

  private ObjectNode object() {
    ObjectNode node = NODES.objectNode();
    String name;
    while ((name = parser.nextName()) != null) {
      name = WholeText.of(name);
      int mark = path.enter(name);
      if (node.has(name) && duplicates.size() < MOST_DUPLICATES) {
        duplicates.add("duplicate field \"" + path + "\"");
      }
      parser.nextToken();
      node.set(name, read());
      path.leave(mark);
    }
    return node;
  }

  private ArrayNode array() {
    ArrayNode node = NODES.arrayNode();
    for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
      int mark = path.enter(i);
      node.add(read());
      path.leave(mark);
    }
    return node;
  }

  private JsonNode whole() {
    BigInteger value = parser.getBigIntegerValue();
    return value.bitLength() < Long.SIZE ? whole(value.longValue()) : number(value.doubleValue());
  }

  /// The smallest node: equal numbers are equal nodes.
  private static JsonNode whole(long value) {
    return value == (int) value ? NODES.numberNode((int) value) : NODES.numberNode(value);
  }

  private JsonNode number(double value) {
    if (Double.isInfinite(value)) {
      throw new StreamReadException(parser, "the number " + parser.getString() + " is too large");
    }
    boolean exact = value == Math.rint(value) && Math.abs(value) < MOST_EXACT;
    return exact ? whole((long) value) : NODES.numberNode(value);
  }
}
