package io.coxswain.client.codec;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
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

  /// A power of two. At a few kilobytes each this is about a megabyte at most.
  private static final int PLACES = 256;

  /// Bigger ones are rare, and are read again each time.
  private static final int MOST_BYTES = 4 * 1024;

  private record Known(ByteString raw, SerializedString text) {}

  private static final AtomicReferenceArray<@Nullable Known> KNOWN =
      new AtomicReferenceArray<>(PLACES);

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
    int hash = raw.hashCode();
    int place = (hash ^ (hash >>> 16)) & (PLACES - 1);
    Known known = KNOWN.get(place);
    if (known == null || !known.raw().equals(raw)) {
      // A copy, since the bytes may be a view of the whole object's.
      known = new Known(ByteString.copyFrom(raw.toByteArray()), text(factory, raw));
      KNOWN.set(place, known);
    }
    out.writeRawValue(known.text());
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
