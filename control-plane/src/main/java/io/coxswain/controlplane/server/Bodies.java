package io.coxswain.controlplane.server;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.api.runtime.Unknown;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.Decoded;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.ProtoEnvelope;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.client.codec.YamlDocument;
import io.coxswain.controlplane.customresource.CustomKind;
import io.coxswain.controlplane.edge.EdgeLimits;
import io.coxswain.custom.CustomObject;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads request bodies in any of the forms that Kubernetes takes.
final class Bodies {

  /// For JSON made of protobuf, which is longer.
  private static final JsonCodec ANY_SIZE = new JsonCodec(Long.MAX_VALUE);

  private final JsonCodec json = new JsonCodec(EdgeLimits.DEFAULT.bodyBytes());

  /// @throws ApiException with BadRequest or UnsupportedMediaType
  <T extends Message> Decoded<T> object(
      byte[] body, String contentType, T prototype, Strictness strictness) {
    return switch (format(contentType)) {
      case JSON -> json.decode(body, prototype, strictness);
      case YAML -> yaml(body, prototype, strictness);
      case PROTOBUF -> new Decoded<>(EmptyValues.dropped(protobuf(body, prototype)), List.of());
    };
  }

  /// Protobuf can hold what no JSON says: times beyond all years, parts that are to be JSON and are
  /// not, text that is no text. What is taken is what its JSON means, so that whatever is stored
  /// can be read in every form.
  private <T extends Message> T protobuf(byte[] body, T prototype) {
    T message = ProtoEnvelope.decode(body, prototype);
    byte[] text;
    try {
      text = json.encode(message);
    } catch (IllegalArgumentException
        | ArithmeticException
        | DateTimeException
        | JacksonException e) {
      throw new ApiException(
          new ApiError.BadRequest("the protobuf body has no JSON form: " + e.getMessage()), e);
    }
    return ANY_SIZE.decode(text, prototype, Strictness.IGNORE).message();
  }

  /// An object of a kind that people define.
  ///
  /// @throws ApiException with BadRequest or UnsupportedMediaType
  Decoded<Message> custom(byte[] body, String contentType, CustomKind kind, Strictness strictness) {
    List<String> duplicates = new ArrayList<>();
    JsonNode tree =
        switch (format(contentType)) {
          case JSON -> json.readTree(body, duplicates);
          case YAML -> {
            YamlDocument document = YamlCodec.parseOne(body);
            duplicates.addAll(document.duplicates());
            // Once more as JSON, for numbers to be what JSON makes of them.
            yield json.readTree(json.writeTree(document.content()));
          }
          case PROTOBUF -> throw unsupported();
        };
    Decoded<CustomObject> read = kind.read(tree, duplicates, strictness);
    return new Decoded<>(read.message(), read.warnings());
  }

  private <T extends Message> Decoded<T> yaml(byte[] body, T prototype, Strictness strictness) {
    YamlDocument document = YamlCodec.parseOne(body);
    if (strictness == Strictness.STRICT && !document.duplicates().isEmpty()) {
      throw new ApiException(
          new ApiError.BadRequest(
              "strict decoding error: " + String.join(", ", document.duplicates())));
    }
    Decoded<T> decoded = json.decode(document.content(), prototype, strictness);
    if (strictness == Strictness.IGNORE || document.duplicates().isEmpty()) {
      return decoded;
    }
    List<String> warnings = new ArrayList<>(document.duplicates());
    warnings.addAll(decoded.warnings());
    return new Decoded<>(decoded.message(), warnings);
  }

  /// Options of a delete. Clients stamp them with the version of whatever group they are deleting
  /// from, so what they say to be is not looked at.
  DeleteOptions deleteOptions(byte[] body, String contentType) {
    if (body.length == 0) {
      return DeleteOptions.getDefaultInstance();
    }
    return switch (format(contentType)) {
      case JSON -> fromTree(json.readTree(body));
      case YAML -> fromTree(YamlCodec.parseOne(body).content());
      case PROTOBUF -> fromEnvelope(body);
    };
  }

  private DeleteOptions fromTree(JsonNode tree) {
    if (tree instanceof ObjectNode object) {
      object.remove(List.of("kind", "apiVersion"));
    }
    return json.decode(tree, DeleteOptions.getDefaultInstance(), Strictness.IGNORE).message();
  }

  private static DeleteOptions fromEnvelope(byte[] body) {
    if (!ProtoEnvelope.isEnvelope(body)) {
      throw new ApiException(
          new ApiError.BadRequest("the body is no Kubernetes protobuf: it lacks the magic number"));
    }
    try {
      Unknown unknown =
          Unknown.parseFrom(com.google.protobuf.ByteString.copyFrom(body, 4, body.length - 4));
      return DeleteOptions.parseFrom(unknown.getRaw());
    } catch (InvalidProtocolBufferException e) {
      throw new ApiException(
          new ApiError.BadRequest("the protobuf body is damaged: " + e.getMessage()), e);
    }
  }

  /// The media type without its parameters, in lower case.
  static String mediaType(String contentType) {
    int semicolon = contentType.indexOf(';');
    return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
        .strip()
        .toLowerCase(Locale.ROOT);
  }

  private static Negotiation.Format format(String contentType) {
    String type = mediaType(contentType);
    if (type.isEmpty()) {
      return Negotiation.Format.JSON;
    }
    return Negotiation.Format.of(type).orElseThrow(Bodies::unsupported);
  }

  private static ApiException unsupported() {
    return new ApiException(
        new ApiError.UnsupportedMediaType(
            "the body of the request was in an unknown format - accepted media types include:"
                + " application/json, application/yaml, application/vnd.kubernetes.protobuf"));
  }
}
