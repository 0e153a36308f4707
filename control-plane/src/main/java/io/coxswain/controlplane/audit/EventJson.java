package io.coxswain.controlplane.audit;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.api.meta.v1.Status;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Times;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.controlplane.authn.User;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/// Writes events as `audit.k8s.io/v1` has them, fields in its order.
final class EventJson {

  /// With what every event begins.
  static final byte[] KIND =
      "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",".getBytes(StandardCharsets.US_ASCII);

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final JsonCodec CODEC = new JsonCodec(Long.MAX_VALUE);

  private EventJson() {}

  /// The object that a request is about. Empty strings are left out.
  record Reference(
      String resource,
      String namespace,
      String name,
      String uid,
      String group,
      String version,
      String resourceVersion,
      String subresource) {}

  /// What is told at one stage of a request.
  ///
  /// @param user nobody where who asks could not be told
  /// @param status nothing while there is no answer
  record Event(
      Level level,
      Arrival arrival,
      Stage stage,
      String verb,
      Optional<User> user,
      Optional<User> impersonated,
      Optional<Reference> object,
      Optional<Status> status,
      Optional<RawValue> request,
      Optional<RawValue> response,
      Instant time,
      Map<String, String> annotations) {}

  static byte[] encode(Event event) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("kind", "Event").put("apiVersion", "audit.k8s.io/v1");
    Arrival arrival = event.arrival();
    json.put("level", event.level().text());
    json.put("auditID", arrival.auditId());
    json.put("stage", event.stage().text());
    json.put("requestURI", arrival.uri());
    json.put("verb", event.verb());
    ObjectNode user = json.putObject("user");
    event.user().ifPresent(one -> put(user, one));
    event.impersonated().ifPresent(one -> put(json.putObject("impersonatedUser"), one));
    putAll(json, "sourceIPs", arrival.sourceIps());
    putText(json, "userAgent", arrival.userAgent());
    event.object().ifPresent(one -> put(json.putObject("objectRef"), one));
    event.status().ifPresent(one -> json.set("responseStatus", CODEC.toTree(one)));
    event.status().ifPresent(_ -> strip((ObjectNode) json.get("responseStatus")));
    event.request().ifPresent(raw -> json.putRawValue("requestObject", raw));
    event.response().ifPresent(raw -> json.putRawValue("responseObject", raw));
    json.put("requestReceivedTimestamp", Times.formatMicros(arrival.received()));
    json.put("stageTimestamp", Times.formatMicros(event.time()));
    if (!event.annotations().isEmpty()) {
      ObjectNode annotations = json.putObject("annotations");
      new TreeMap<>(event.annotations()).forEach(annotations::put);
    }
    return MAPPER.writeValueAsBytes(json);
  }

  /// The status inside an event is a part, not an object.
  private static void strip(ObjectNode status) {
    status.remove("kind");
    status.remove("apiVersion");
  }

  private static void put(ObjectNode json, User user) {
    putText(json, "username", user.name());
    putText(json, "uid", user.uid());
    putAll(json, "groups", user.groups());
    if (!user.extra().isEmpty()) {
      ObjectNode extra = json.putObject("extra");
      new TreeMap<>(user.extra()).forEach((key, values) -> putAll(extra, key, values));
    }
  }

  private static void put(ObjectNode json, Reference object) {
    putText(json, "resource", object.resource());
    putText(json, "namespace", object.namespace());
    putText(json, "name", object.name());
    putText(json, "uid", object.uid());
    putText(json, "apiGroup", object.group());
    putText(json, "apiVersion", object.version());
    putText(json, "resourceVersion", object.resourceVersion());
    putText(json, "subresource", object.subresource());
  }

  private static void putText(ObjectNode json, String field, String text) {
    if (!text.isEmpty()) {
      json.put(field, text);
    }
  }

  private static void putAll(ObjectNode json, String field, List<String> texts) {
    if (!texts.isEmpty()) {
      ArrayNode array = json.putArray(field);
      texts.forEach(array::add);
    }
  }

  /// An object as it stands in an event.
  static RawValue object(Message object, boolean omitManagedFields) {
    if (!omitManagedFields && !(object instanceof DeleteOptions)) {
      return raw(CODEC.encode(object));
    }
    ObjectNode tree = CODEC.toTree(object);
    if (object instanceof DeleteOptions && !tree.has("kind")) {
      ObjectNode whole = JsonNodeFactory.instance.objectNode();
      whole.put("kind", "DeleteOptions").put("apiVersion", "meta.k8s.io/v1");
      tree = whole.setAll(tree);
    }
    if (omitManagedFields) {
      withoutManagedFields(tree);
    }
    return raw(MAPPER.writeValueAsBytes(tree));
  }

  private static void withoutManagedFields(JsonNode object) {
    if (object.path("metadata") instanceof ObjectNode metadata) {
      metadata.remove("managedFields");
    }
    object.path("items").forEach(EventJson::withoutManagedFields);
    object.path("rows").forEach(row -> withoutManagedFields(row.path("object")));
  }

  /// A patch as it was sent; YAML as the JSON that it means, and what is neither as text.
  static RawValue patch(byte[] body) {
    JsonNode tree;
    try {
      tree = CODEC.readTree(body);
    } catch (ApiException | JacksonException notJson) {
      try {
        tree = YamlCodec.parseOne(body).content();
      } catch (ApiException neither) {
        tree = JsonNodeFactory.instance.stringNode(new String(body, StandardCharsets.UTF_8));
      }
    }
    return raw(MAPPER.writeValueAsBytes(tree));
  }

  private static RawValue raw(byte[] json) {
    return new RawValue(new String(json, StandardCharsets.UTF_8));
  }
}
