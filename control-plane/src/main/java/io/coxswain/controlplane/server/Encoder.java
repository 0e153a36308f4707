package io.coxswain.controlplane.server;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.ListMeta;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.PartialObjectMetadata;
import io.coxswain.api.meta.v1.PartialObjectMetadataList;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.ProtoEnvelope;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.controlplane.registry.Listing;
import io.coxswain.controlplane.server.Negotiation.Format;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Writes objects and lists in the form that was asked for. The JSON and protobuf of a cached
/// object are made once and shared by everybody who reads that version: by who wrote it, who
/// watches, and who lists. The JSON of what is read stays while there is memory: a list is put
/// together from it. That of what is only written goes with the last who sends it.
final class Encoder {

  /// Indented as Kubernetes does it: people compare the two.
  private static final JsonMapper PRETTY =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET, StreamWriteFeature.AUTO_CLOSE_CONTENT)
          .defaultPrettyPrinter(
              new DefaultPrettyPrinter(
                      Separators.createDefaultInstance()
                          .withObjectNameValueSpacing(Separators.Spacing.AFTER)
                          .withObjectEmptySeparator("")
                          .withArrayEmptySeparator(""))
                  .withArrayIndenter(new DefaultIndenter("  ", "\n"))
                  .withObjectIndenter(new DefaultIndenter("  ", "\n")))
          .build();

  private final JsonCodec json = new JsonCodec(Long.MAX_VALUE);

  byte[] message(Message message, Format format, boolean pretty) {
    return switch (format) {
      case JSON -> pretty ? indent(json.encode(message)) : json.encode(message);
      case YAML -> yaml(json.encode(message));
      case PROTOBUF -> ProtoEnvelope.encode(message);
    };
  }

  /// Writes what may be large. Protobuf goes out piece by piece.
  void message(Message message, Format format, boolean pretty, OutputStream out)
      throws IOException {
    if (format == Format.PROTOBUF) {
      ProtoEnvelope.write(message, out);
    } else {
      out.write(message(message, format, pretty));
    }
  }

  byte[] object(CachedObject object, Format format, boolean pretty) {
    return switch (format) {
      case JSON -> pretty ? indent(json(object)) : json(object);
      case YAML -> yaml(json(object));
      case PROTOBUF -> protobuf(object);
    };
  }

  /// As [#object], for who reads what others will read as well.
  byte[] read(CachedObject object, Format format, boolean pretty) {
    return format == Format.JSON && !pretty ? read(object) : object(object, format, pretty);
  }

  /// The object's JSON; shared, not to be changed.
  byte[] json(CachedObject object) {
    return object.memo().form(Format.JSON, byte[].class, () -> json.encode(object.message()));
  }

  private byte[] read(CachedObject object) {
    return object.memo().lasting(Format.JSON, byte[].class, () -> json.encode(object.message()));
  }

  byte[] protobuf(CachedObject object) {
    return object
        .memo()
        .form(Format.PROTOBUF, byte[].class, () -> ProtoEnvelope.encode(object.message()));
  }

  byte[] json(Message message) {
    return json.encode(message);
  }

  /// Writes a list. JSON goes out object by object, protobuf piece by piece.
  void list(ResourceType<?> type, Listing listing, Format format, boolean pretty, OutputStream out)
      throws IOException {
    boolean custom = type.prototype() instanceof CustomObject;
    if (format == Format.JSON) {
      if (pretty) {
        indentedList(type, listing, out);
      } else {
        compactList(type, listing, out);
      }
    } else if (custom) {
      ByteArrayOutputStream compact = new ByteArrayOutputStream();
      compactList(type, listing, compact);
      out.write(yaml(compact.toByteArray()));
    } else {
      message(listMessage(type, listing), format, pretty, out);
    }
  }

  /// For people, and of any length nevertheless: one object is in memory as a tree at a time.
  private void indentedList(ResourceType<?> type, Listing listing, OutputStream out)
      throws IOException {
    try (JsonGenerator lines = PRETTY.writer().createGenerator(out)) {
      lines.writeStartObject();
      lines.writeStringProperty("kind", type.listKind());
      lines.writeStringProperty("apiVersion", type.apiVersion());
      lines.writeName("metadata");
      lines.writeTree(json.readTree(json.encode(meta(listing))));
      lines.writeName("items");
      lines.writeStartArray();
      byte[] head = head(type);
      for (CachedObject item : listing.items()) {
        byte[] bytes = json(item);
        byte[] shown = Arrays.copyOfRange(bytes, shownFrom(bytes, head) - 1, bytes.length);
        shown[0] = '{';
        lines.writeTree(json.readTree(shown));
      }
      lines.writeEndArray();
      lines.writeEndObject();
    }
    out.write('\n');
  }

  /// How an object begins. Items of a list do not say again what they are.
  private static byte[] head(ResourceType<?> type) {
    return utf8("{\"kind\":\"" + type.kind() + "\",\"apiVersion\":\"" + type.apiVersion() + "\",");
  }

  private void compactList(ResourceType<?> type, Listing listing, OutputStream out)
      throws IOException {
    out.write(
        utf8(
            "{\"kind\":\""
                + type.listKind()
                + "\",\"apiVersion\":\""
                + type.apiVersion()
                + "\",\"metadata\":"));
    out.write(json.encode(meta(listing)));
    out.write(utf8(",\"items\":["));
    byte[] head = head(type);
    boolean first = true;
    for (CachedObject item : listing.items()) {
      byte[] bytes = read(item);
      out.write(first ? '{' : ',');
      if (!first) {
        out.write('{');
      }
      first = false;
      int from = shownFrom(bytes, head);
      out.write(bytes, from, bytes.length - from);
    }
    out.write(utf8("]}"));
  }

  /// Where what a list shows of an item begins, after its brace.
  private static int shownFrom(byte[] bytes, byte[] head) {
    boolean says =
        bytes.length > head.length && Arrays.equals(bytes, 0, head.length, head, 0, head.length);
    return says ? head.length : 1;
  }

  static Message listMessage(ResourceType<?> type, Listing listing) {
    Message prototype = Schema.api().listOf(type);
    Message.Builder list = prototype.newBuilderForType();
    FieldDescriptor items = prototype.getDescriptorForType().findFieldByName("items");
    for (CachedObject item : listing.items()) {
      list.addRepeatedField(items, item.message());
    }
    return ObjectMetas.replaceList(list.build(), meta(listing));
  }

  static ListMeta meta(Listing listing) {
    ListMeta.Builder meta = ListMeta.newBuilder().setResourceVersion(listing.resourceVersion());
    if (!listing.continueToken().isEmpty()) {
      meta.setContinue(listing.continueToken());
      listing.remaining().ifPresent(meta::setRemainingItemCount);
    }
    return meta.build();
  }

  static PartialObjectMetadata metadata(Message object) {
    ObjectMeta meta = ObjectMetas.read(object);
    return PartialObjectMetadata.newBuilder().setMetadata(meta).build();
  }

  static PartialObjectMetadataList metadata(Listing listing) {
    PartialObjectMetadataList.Builder list =
        PartialObjectMetadataList.newBuilder().setMetadata(meta(listing));
    for (CachedObject item : listing.items()) {
      list.addItems(metadata(item.message()));
    }
    return list.build();
  }

  byte[] indent(byte[] compact) {
    byte[] text = PRETTY.writeValueAsBytes(json.readTree(compact));
    byte[] line = Arrays.copyOf(text, text.length + 1);
    line[text.length] = '\n';
    return line;
  }

  byte[] yaml(byte[] compact) {
    return utf8(YamlCodec.write(json.readTree(compact)));
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
