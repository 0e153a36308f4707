package io.coxswain.controlplane.registry;

import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.CustomObjects;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.custom.CustomObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Asks a webhook to bring objects from one version to another, by a ConversionReview. Of what
/// comes back all counts but the metadata, of which only labels and annotations may differ.
final class WebhookConversion implements VersionConversion {

  /// Sends a review and returns the answer's body.
  interface Caller {
    /// Blocks.
    ///
    /// @throws java.io.IOException when there is no good answer
    byte[] call(byte[] review) throws java.io.IOException;
  }

  private static final JsonCodec JSON = new JsonCodec();

  private final String group;
  private final Caller caller;
  private final Supplier<String> uids;

  WebhookConversion(String group, Caller caller, Supplier<String> uids) {
    this.group = group;
    this.caller = caller;
    this.uids = uids;
  }

  @Override
  public CustomObject convert(CustomObject object, String version) {
    String wanted = group + "/" + version;
    if (object.getApiVersion().equals(wanted)) {
      return object;
    }
    String what = "conversion webhook for " + object.getApiVersion() + ", Kind=" + object.getKind();
    String uid = uids.get();
    JsonNode answer = answer(review(object, wanted, uid), what);
    JsonNode response = answer.path("response");
    if (!response.isObject()) {
      throw failed(what + " failed: no response provided");
    }
    if (!response.path("uid").asString("").equals(uid)) {
      throw failed(what + " failed: expected response.uid=\"" + uid + "\"");
    }
    JsonNode result = response.path("result");
    if (!result.path("status").asString("").equals("Success")) {
      String message = result.path("message").asString("");
      throw failed(
          what
              + " failed: "
              + (message.isEmpty()
                  ? "response.result.status was '"
                      + result.path("status").asString("")
                      + "', not 'Success'"
                  : message));
    }
    if (!(response.path("convertedObjects") instanceof ArrayNode list)
        || list.size() != 1
        || !(list.get(0) instanceof ObjectNode converted)) {
      throw failed(
          what + " returned " + response.path("convertedObjects").size() + " objects, expected 1");
    }
    return checked(object, converted, wanted, what);
  }

  private static byte[] review(CustomObject object, String wanted, String uid) {
    ObjectNode review = JsonNodeFactory.instance.objectNode();
    review.put("kind", "ConversionReview").put("apiVersion", "apiextensions.k8s.io/v1");
    ObjectNode request = review.putObject("request");
    request.put("uid", uid).put("desiredAPIVersion", wanted);
    request.putArray("objects").add(CustomObjects.toTree(object));
    return JSON.writeTree(review);
  }

  private JsonNode answer(byte[] review, String what) {
    try {
      JsonNode answer = JSON.readTree(caller.call(review));
      String said = answer.path("apiVersion").asString("") + " " + answer.path("kind").asString("");
      if (!said.equals("apiextensions.k8s.io/v1 ConversionReview")) {
        throw failed(
            what
                + " failed: expected webhook response of apiextensions.k8s.io/v1,"
                + " Kind=ConversionReview, got "
                + said);
      }
      return answer;
    } catch (java.io.IOException e) {
      throw new ApiException(new ApiError.Internal(what + " failed: " + e.getMessage()), e);
    }
  }

  private static CustomObject checked(
      CustomObject before, ObjectNode converted, String wanted, String what) {
    String invalid = what + " returned invalid converted object at index 0: ";
    if (!converted.path("apiVersion").asString("").equals(wanted)) {
      throw failed(
          invalid
              + "invalid groupVersion (expected "
              + wanted
              + ", received "
              + converted.path("apiVersion").asString("")
              + ")");
    }
    if (!converted.path("kind").asString("").equals(before.getKind())) {
      throw failed(
          invalid
              + "invalid kind (expected "
              + before.getKind()
              + ", received "
              + converted.path("kind").asString("")
              + ")");
    }
    List<String> strays = new ArrayList<>();
    ObjectMeta made = CustomObjects.metadata(converted, strays);
    ObjectMeta old = before.getMetadata();
    same(invalid, "name", old.getName(), made.getName());
    same(invalid, "namespace", old.getNamespace(), made.getNamespace());
    same(invalid, "UID", old.getUid(), made.getUid());
    return CustomObjects.of(
        converted,
        old.toBuilder()
            .clearLabels()
            .putAllLabels(made.getLabelsMap())
            .clearAnnotations()
            .putAllAnnotations(made.getAnnotationsMap())
            .build());
  }

  private static void same(String invalid, String what, String before, String after) {
    if (!before.equals(after)) {
      throw failed(invalid + "must have the same " + what + ": " + before + " != " + after);
    }
  }

  private static ApiException failed(String why) {
    return new ApiException(new ApiError.Internal(why));
  }
}
