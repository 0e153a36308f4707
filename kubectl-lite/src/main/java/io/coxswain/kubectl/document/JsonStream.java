package io.coxswain.kubectl.document;

import io.coxswain.client.codec.JsonTrees;
import io.coxswain.kubectl.Failure;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/// The values that a parser comes to, one after another.
final class JsonStream implements Iterator<JsonNode> {

  private final JsonParser parser;
  private @Nullable JsonToken next;

  JsonStream(JsonParser parser) {
    this.parser = parser;
  }

  @Override
  public boolean hasNext() {
    if (next == null) {
      try {
        next = parser.nextToken();
      } catch (JacksonException e) {
        throw broken(e);
      }
    }
    return next != null;
  }

  @Override
  public JsonNode next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException();
    }
    JsonToken first = next;
    next = null;
    try {
      return JsonTrees.value(parser, first);
    } catch (JacksonException e) {
      throw broken(e);
    }
  }

  private static Failure broken(JacksonException e) {
    return new Failure("error: the server's stream broke off: " + e.getOriginalMessage());
  }
}
