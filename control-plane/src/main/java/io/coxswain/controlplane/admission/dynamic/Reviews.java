package io.coxswain.controlplane.admission.dynamic;

import com.google.protobuf.Message;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.controlplane.authn.User;
import io.coxswain.schema.ObjectKind;
import io.coxswain.schema.ResourceType;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Requests as AdmissionReviews tell them.
final class Reviews {

  private static final JsonCodec JSON = new JsonCodec(Long.MAX_VALUE);

  private Reviews() {}

  /// What is told of a request beside its objects.
  ///
  /// @param as the version of its type in which it is told
  static ObjectNode request(Attempt attempt, ResourceType<?> as) {
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    ObjectKind kind =
        attempt.isPart() ? attempt.kind() : new ObjectKind(as.group(), as.version(), as.kind());
    request.set("kind", kind(kind));
    request.set("resource", resource(as));
    part(request, "subResource", attempt.subresource());
    request.set("requestKind", kind(attempt.kind()));
    request.set("requestResource", resource(attempt.type()));
    part(request, "requestSubResource", attempt.subresource());
    part(request, "name", attempt.name());
    part(request, "namespace", attempt.namespace());
    request.put("operation", attempt.operation().name());
    request.set("userInfo", user(attempt.user()));
    request.put("dryRun", attempt.dryRun());
    if (attempt.options().isPresent()) {
      request.set("options", attempt.options().get());
    } else {
      request.putNull("options");
    }
    return request;
  }

  /// The whole review.
  ///
  /// @param version of AdmissionReview that the webhook reads
  static byte[] review(
      Attempt attempt,
      ResourceType<?> as,
      String uid,
      String version,
      Optional<Message> object,
      Optional<Message> before) {
    ObjectNode review = JsonNodeFactory.instance.objectNode();
    review.put("kind", "AdmissionReview").put("apiVersion", "admission.k8s.io/" + version);
    ObjectNode request = review.putObject("request");
    request.put("uid", uid);
    request.setAll(request(attempt, as));
    object(request, "object", object);
    object(request, "oldObject", before);
    return JSON.writeTree(review);
  }

  private static void object(ObjectNode request, String name, Optional<Message> object) {
    if (object.isPresent()) {
      request.set(name, JSON.toTree(object.get()));
    } else {
      request.putNull(name);
    }
  }

  private static ObjectNode kind(ObjectKind kind) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("group", kind.group())
        .put("version", kind.version())
        .put("kind", kind.kind());
  }

  private static ObjectNode resource(ResourceType<?> type) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("group", type.group())
        .put("version", type.version())
        .put("resource", type.plural());
  }

  private static void part(ObjectNode request, String name, String value) {
    if (!value.isEmpty()) {
      request.put(name, value);
    }
  }

  private static ObjectNode user(User user) {
    ObjectNode info = JsonNodeFactory.instance.objectNode();
    info.put("username", user.name());
    if (!user.uid().isEmpty()) {
      info.put("uid", user.uid());
    }
    ArrayNode groups = info.putArray("groups");
    user.groups().forEach(groups::add);
    if (!user.extra().isEmpty()) {
      ObjectNode extra = info.putObject("extra");
      user.extra().forEach((key, values) -> values.forEach(extra.withArray(key)::add));
    }
    return info;
  }
}
