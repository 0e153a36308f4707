package io.coxswain.client.codec;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamReadException;

/// Copies JSON of no known shape as it is, but for what could be written in no other encoding.
final class RawCopy {

  private RawCopy() {}

  /// Copies the value on which the parser stands, and leaves it on that value's last token.
  ///
  /// @throws StreamReadException when it holds a number that nothing can hold
  static void of(JsonParser parser, JsonGenerator generator) {
    int depth = 0;
    while (true) {
      JsonToken token = parser.currentToken();
      switch (token) {
        case PROPERTY_NAME -> generator.writeName(WholeText.of(parser.currentName()));
        case VALUE_STRING -> generator.writeString(WholeText.of(parser.getString()));
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
          if (Double.isInfinite(parser.getDoubleValue())) {
            throw new StreamReadException(
                parser, "the number " + parser.getString() + " is too large");
          }
          generator.copyCurrentEventExact(parser);
        }
        case START_OBJECT, START_ARRAY -> {
          depth++;
          generator.copyCurrentEvent(parser);
        }
        case END_OBJECT, END_ARRAY -> {
          depth--;
          generator.copyCurrentEvent(parser);
        }
        case VALUE_TRUE, VALUE_FALSE, VALUE_NULL, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
            generator.copyCurrentEvent(parser);
      }
      if (depth == 0) {
        return;
      }
      if (parser.nextToken() == null) {
        throw new StreamReadException(parser, "the value does not end");
      }
    }
  }
}
