package io.coxswain.client.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.PartialObjectMetadata;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.custom.CustomObject;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Objects of kinds that people define, between JSON and the message that carries them through code
/// that knows no more of an object than its metadata. Pure; safe for use by many threads.
public final class CustomObjects {

  private static final JsonMapper SORTED =
      JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();
  private static final JsonCodec CODEC = new JsonCodec(Long.MAX_VALUE);
  private static final ByteString EMPTY = ByteString.copyFromUtf8("{}");

  /// Members of the object that the message has fields for.
  private static final List<String> APART = List.of("apiVersion", "kind", "metadata", "status");

  private CustomObjects() {}

  /// An empty object of a kind.
  public static CustomObject prototype(String apiVersion, String kind) {
    return CustomObject.newBuilder()
        .setApiVersion(apiVersion)
        .setKind(kind)
        .setContent(EMPTY)
        .build();
  }

  /// The whole object as a new tree.
  public static ObjectNode toTree(CustomObject object) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", object.getApiVersion());
    tree.put("kind", object.getKind());
    tree.set("metadata", CODEC.toTree(object.getMetadata()));
    tree.setAll(content(object));
    return tree;
  }

  /// The object without its metadata, apiVersion and kind, as a new tree.
  public static ObjectNode content(CustomObject object) {
    ObjectNode tree =
        parsed(object.getContent()) instanceof ObjectNode content
            ? content
            : JsonNodeFactory.instance.objectNode();
    if (object.hasStatus()) {
      tree.set("status", parsed(object.getStatus()));
    }
    return tree;
  }

  private static JsonNode parsed(ByteString json) {
    return json.isEmpty()
        ? JsonNodeFactory.instance.objectNode()
        : CODEC.readTree(json.toByteArray());
  }

  /// The object that a tree is; what the tree says of its metadata is passed over.
  public static CustomObject of(ObjectNode tree, ObjectMeta metadata) {
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    tree.forEachEntry((name, value) -> {
      if (!APART.contains(name)) {
        content.set(name, value);
      }
    });
    CustomObject.Builder object =
        CustomObject.newBuilder()
            .setMetadata(metadata)
            .setApiVersion(tree.path("apiVersion").asString(""))
            .setKind(tree.path("kind").asString(""))
            .setContent(bytes(content));
    JsonNode status = tree.get("status");
    if (status != null) {
      object.setStatus(bytes(status));
    }
    return object.build();
  }

  private static ByteString bytes(JsonNode node) {
    return UnsafeByteOperations.unsafeWrap(SORTED.writeValueAsBytes(node));
  }

  /// The metadata in a tree.
  ///
  /// @param strays are added to it: fields unknown or given twice, each with its path
  /// @throws ApiException with BadRequest when it cannot be read
  public static ObjectMeta metadata(ObjectNode tree, List<String> strays) {
    JsonNode metadata = tree.get("metadata");
    if (metadata == null || metadata.isNull()) {
      return ObjectMeta.getDefaultInstance();
    }
    ObjectNode alone = JsonNodeFactory.instance.objectNode();
    alone.set("metadata", metadata);
    Decoded<PartialObjectMetadata> decoded =
        CODEC.decode(alone, PartialObjectMetadata.getDefaultInstance(), Strictness.WARN);
    strays.addAll(decoded.warnings());
    return decoded.message().getMetadata();
  }

  /// Reads what [#encode] wrote.
  ///
  /// @throws ApiException with BadRequest when it is no object
  public static ObjectNode parse(byte[] json) {
    try {
      if (CODEC.readTree(json) instanceof ObjectNode tree) {
        return tree;
      }
    } catch (JacksonException e) {
      throw new ApiException(new ApiError.BadRequest("not valid JSON: " + e.getMessage()), e);
    }
    throw new ApiException(new ApiError.BadRequest("expected a JSON object"));
  }

  /// The object's JSON, put together from its parts.
  static byte[] encode(CustomObject object) {
    byte[] metadata = CODEC.encode(object.getMetadata());
    int room = 64 + metadata.length + object.getContent().size() + object.getStatus().size();
    ByteArrayOutputStream out = new ByteArrayOutputStream(room);
    out.writeBytes(utf8("{\"apiVersion\":"));
    out.writeBytes(SORTED.writeValueAsBytes(object.getApiVersion()));
    out.writeBytes(utf8(",\"kind\":"));
    out.writeBytes(SORTED.writeValueAsBytes(object.getKind()));
    out.writeBytes(utf8(",\"metadata\":"));
    out.writeBytes(metadata);
    byte[] content = object.getContent().toByteArray();
    if (content.length > 2) {
      out.write(',');
      out.write(content, 1, content.length - 2);
    }
    if (object.hasStatus()) {
      out.writeBytes(utf8(",\"status\":"));
      out.writeBytes(object.getStatus().toByteArray());
    }
    out.write('}');
    return out.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
