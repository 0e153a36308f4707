package io.coxswain.client.codec;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;

/// Parts of objects that are JSON by themselves, as they are printed. They are parsed and written
/// again, not copied: bytes from elsewhere must not break out of their place. Those that were
/// printed lately are known, since the books of objects of one template are equal.
///
/// Safe for use by many threads.
final class RawTexts {

  /// Bigger ones are rare, and are read again each time.
  private static final int MOST_BYTES = 4 * 1024;

  private static final LatelySeen<SerializedString> KNOWN = new LatelySeen<>(MOST_BYTES);

  private RawTexts() {}

  /// Writes one value.
  ///
  /// @param text whether `out` writes text, and makes no tree
  /// @throws IllegalArgumentException when it is not JSON
  static void write(JsonFactory factory, ByteString raw, JsonGenerator out, boolean text) {
    if (!text || raw.size() > MOST_BYTES) {
      copy(factory, raw, out);
      return;
    }
    Optional<LatelySeen.Known<SerializedString>> known = KNOWN.find(raw);
    if (known.isPresent()) {
      out.writeRawValue(known.get().value());
      return;
    }
    SerializedString printed = text(factory, raw);
    KNOWN.keep(raw, printed);
    out.writeRawValue(printed);
  }

  private static SerializedString text(JsonFactory factory, ByteString raw) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.size());
    try (JsonGenerator generator = factory.createGenerator(ObjectWriteContext.empty(), bytes)) {
      copy(factory, raw, generator);
    }
    return new SerializedString(bytes.toString(StandardCharsets.UTF_8));
  }

  private static void copy(JsonFactory factory, ByteString raw, JsonGenerator out) {
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), raw.newInput())) {
      parser.nextToken();
      out.copyCurrentStructureExact(parser);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("a raw part of the object is not JSON", e);
    }
  }
}
