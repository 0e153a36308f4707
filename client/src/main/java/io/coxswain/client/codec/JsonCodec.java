package io.coxswain.client.codec;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ObjectKind;
import io.coxswain.schema.Schema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.TokenBuffer;

/// Messages to Kubernetes' JSON and back, streamed, without a tree in between.
///
/// Writing: `kind` and `apiVersion` first, then fields in the order of the API, absent ones left
/// out, required ones always there, maps sorted. Reading: everything wrong is collected, each with
/// its path; refusals are [ApiError.BadRequest]. Safe for use by many threads.
public final class JsonCodec {

  /// What a request may weigh.
  public static final int REQUEST_BYTES = 3 * 1024 * 1024;

  private static final int MOST_DEPTH = 250;

  /// What our own writers make of what was taken may be deeper by a few levels, and has names as
  /// long as values are: each entry of `managedFields` is a tree of its own.
  private static final int MOST_DEPTH_WRITTEN = 400;

  private static final JsonFactory FACTORY = factory(MOST_DEPTH);
  private static final JsonFactory WIDE = factory(MOST_DEPTH_WRITTEN);

  /// Made when it is first used: not everybody deals with trees, and it is large.
  private static final class Trees {
    static final JsonMapper MAPPER = new JsonMapper(FACTORY);
  }

  private final long maximumBytes;
  private final JsonFactory reading;

  private static JsonFactory factory(int depth) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(depth)
                .maxStringLength(Integer.MAX_VALUE)
                .maxNameLength(Integer.MAX_VALUE)
                .build())
        .build();
  }

  /// Reads what fits in [#REQUEST_BYTES].
  public JsonCodec() {
    this(REQUEST_BYTES);
  }

  /// @param maximumBytes what a document may weigh; `Long.MAX_VALUE` for what was written here and
  ///   is read again
  public JsonCodec(long maximumBytes) {
    this.maximumBytes = maximumBytes;
    this.reading = maximumBytes == Long.MAX_VALUE ? WIDE : FACTORY;
  }

  public byte[] encode(Message message) {
    if (message instanceof CustomObject custom) {
      return CustomObjects.encode(custom);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    write(message, bytes);
    return bytes.toByteArray();
  }

  /// Writes to a stream that stays open. Blocks as the stream does.
  public void write(Message message, OutputStream stream) {
    if (message instanceof CustomObject custom) {
      writeWhole(CustomObjects.encode(custom), stream);
      return;
    }
    try (JsonGenerator generator =
        FACTORY.createGenerator(ObjectWriteContext.empty(), new Unclosed(stream))) {
      write(message, generator, true);
    }
  }

  private static void writeWhole(byte[] json, OutputStream stream) {
    try {
      stream.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException("writing an object", e);
    }
  }

  /// The message as a tree, for patches and for looking into any kind alike.
  public ObjectNode toTree(Message message) {
    if (message instanceof CustomObject custom) {
      return CustomObjects.toTree(custom);
    }
    try (TokenBuffer buffer = TokenBuffer.forGeneration()) {
      write(message, buffer, false);
      try (JsonParser parser = buffer.asParser(ObjectReadContext.empty())) {
        return (ObjectNode) Trees.MAPPER.readTree(parser);
      }
    }
  }

  /// @param text whether what is written is text, and no tree
  private static void write(Message message, JsonGenerator generator, boolean text) {
    JsonWriter writer = new JsonWriter(WIDE, generator, text);
    Optional<ObjectKind> kind = Schema.api().kindOf(message.getDescriptorForType());
    if (kind.isPresent()) {
      writer.writeObject(message, kind.get());
    } else {
      writer.writeMessage(message, JsonPlan.of(message.getDescriptorForType()).form);
    }
  }

  /// Reads one document.
  ///
  /// @param prototype what is expected; a document that says to be something else is refused
  /// @throws ApiException with BadRequest naming everything that is wrong, or TooLarge
  public <T extends Message> Decoded<T> decode(byte[] json, T prototype, Strictness strictness) {
    if (json.length > maximumBytes) {
      throw new ApiException(
          new ApiError.TooLarge(
              "the document has "
                  + json.length
                  + " bytes: at most "
                  + maximumBytes
                  + " are allowed"));
    }
    try (JsonParser parser = reading.createParser(ObjectReadContext.empty(), json)) {
      return decode(parser, prototype, strictness);
    }
  }

  /// Reads a tree.
  ///
  /// @see #decode(byte[], Message, Strictness)
  public <T extends Message> Decoded<T> decode(JsonNode tree, T prototype, Strictness strictness) {
    try (JsonParser parser = Trees.MAPPER.treeAsTokens(tree)) {
      return decode(parser, prototype, strictness);
    }
  }

  private static <T extends Message> Decoded<T> decode(
      JsonParser parser, T prototype, Strictness strictness) {
    JsonReader reader = new JsonReader(FACTORY, parser, strictness != Strictness.IGNORE);
    Message.Builder builder = prototype.newBuilderForType();
    JsonPlan plan = JsonPlan.of(prototype.getDescriptorForType());
    Optional<ObjectKind> expected = Schema.api().kindOf(prototype.getDescriptorForType());
    try {
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw refused(
            expected,
            first == null
                ? "the body is empty: expected a JSON object"
                : "expected a JSON object, got " + parser.currentToken().asString());
      }
      reader.readRoot(builder, plan);
      if (parser.nextToken() != null) {
        throw refused(expected, "unexpected data after the end of the object");
      }
    } catch (StreamConstraintsException e) {
      throw refused(expected, "too deep or too long: " + e.getOriginalMessage());
    } catch (JacksonException e) {
      throw refused(expected, "not valid JSON: " + where(e));
    }
    checkKind(reader.kind(), expected);
    if (!reader.errors().isEmpty()) {
      List<String> all = new java.util.ArrayList<>(reader.errors());
      if (strictness == Strictness.STRICT) {
        all.addAll(reader.strays());
      }
      throw refused(expected, String.join(", ", all));
    }
    if (strictness == Strictness.STRICT && !reader.strays().isEmpty()) {
      throw refused(expected, "strict decoding error: " + String.join(", ", reader.strays()));
    }
    @SuppressWarnings("unchecked") // a builder of the prototype's builds the prototype's class
    T message = (T) builder.build();
    return new Decoded<>(message, reader.strays());
  }

  private static String where(JacksonException e) {
    var location = e.getLocation();
    if (location == null) { // of what is too deep or too long, which is told without a place
      return e.getOriginalMessage();
    }
    return e.getOriginalMessage()
        + " at line "
        + location.getLineNr()
        + ", column "
        + location.getColumnNr();
  }

  private static void checkKind(ObjectKind found, Optional<ObjectKind> expected) {
    if (expected.isEmpty()) {
      return;
    }
    ObjectKind wanted = expected.get();
    if (!found.apiVersion().isEmpty() && !found.apiVersion().equals(wanted.apiVersion())) {
      throw new ApiException(
          new ApiError.BadRequest(
              "the API version in the data ("
                  + found.apiVersion()
                  + ") does not match the expected API version ("
                  + wanted.apiVersion()
                  + ")"));
    }
    if (!found.kind().isEmpty() && !found.kind().equals(wanted.kind())) {
      throw new ApiException(
          new ApiError.BadRequest(
              "the kind in the data ("
                  + found.kind()
                  + ") does not match the expected kind ("
                  + wanted.kind()
                  + ")"));
    }
  }

  private static ApiException refused(Optional<ObjectKind> kind, String what) {
    String prefix =
        kind.map(k ->
                k.kind()
                    + " in version \""
                    + k.version()
                    + "\" cannot be handled as a "
                    + k.kind()
                    + ": ")
            .orElse("");
    return new ApiException(new ApiError.BadRequest(prefix + what));
  }

  /// Reads any JSON into a tree.
  ///
  /// @throws ApiException with BadRequest saying where it is broken, or TooLarge
  public JsonNode readTree(byte[] json) {
    return readTree(json, new ArrayList<>());
  }

  /// As [#readTree(byte[])].
  ///
  /// @param duplicates are added to it, as `duplicate field "spec.foo"`: the last one counts
  public JsonNode readTree(byte[] json, List<String> duplicates) {
    if (json.length > maximumBytes) {
      throw new ApiException(
          new ApiError.TooLarge(
              "the document has "
                  + json.length
                  + " bytes: at most "
                  + maximumBytes
                  + " are allowed"));
    }
    try (JsonParser parser = reading.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() == null) {
        return MissingNode.getInstance();
      }
      JsonTreeReader reader = new JsonTreeReader(parser);
      JsonNode tree = reader.read();
      if (parser.nextToken() != null) {
        throw refused(Optional.empty(), "unexpected data after the end of the document");
      }
      duplicates.addAll(reader.duplicates());
      return tree;
    } catch (JacksonException e) {
      throw new ApiException(new ApiError.BadRequest("not valid JSON: " + where(e)));
    }
  }

  public byte[] writeTree(JsonNode tree) {
    return Trees.MAPPER.writeValueAsBytes(tree);
  }

  /// Says what an object is, reading no further than needed. Parts that it does not say are empty.
  ///
  /// @throws ApiException with BadRequest when it is not a JSON object
  public ObjectKind kindOf(byte[] json) {
    String apiVersion = "";
    String kind = "";
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw refused(Optional.empty(), "expected a JSON object");
      }
      String name;
      while ((apiVersion.isEmpty() || kind.isEmpty()) && (name = parser.nextName()) != null) {
        JsonToken value = parser.nextToken();
        if (value == JsonToken.VALUE_STRING && name.equals("kind")) {
          kind = parser.getString();
        } else if (value == JsonToken.VALUE_STRING && name.equals("apiVersion")) {
          apiVersion = parser.getString();
        } else {
          parser.skipChildren();
        }
      }
    } catch (JacksonException e) {
      throw refused(Optional.empty(), "not valid JSON: " + where(e));
    }
    return ObjectKind.of(apiVersion, kind);
  }

  /// Keeps a caller's stream open when the generator on it closes.
  private static final class Unclosed extends java.io.FilterOutputStream {
    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws java.io.IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws java.io.IOException {
      flush();
    }
  }
}
