package io.coxswain.controlplane.admission.dynamic;

import io.coxswain.api.meta.v1.Status;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/// What a webhook answered.
///
/// @param result why it refuses; may be empty
/// @param patch JSON operations; empty when it changes nothing
record Verdict(
    boolean allowed,
    Status result,
    String patch,
    Map<String, String> annotations,
    List<String> warnings) {

  private static final JsonCodec JSON = new JsonCodec(16 * 1024 * 1024);

  /// Reads an AdmissionReview.
  ///
  /// @param mutating whether it may hold a patch
  /// @throws IOException saying what is wrong with it, in Kubernetes' words
  static Verdict read(byte[] body, String uid, String version, boolean mutating)
      throws IOException {
    JsonNode review = tree(body);
    JsonNode response = review.path("response");
    if (!response.isObject()) {
      throw invalid("webhook response was absent");
    }
    if (version.equals("v1")) {
      check(review, response, uid);
    }
    return new Verdict(
        response.path("allowed").asBoolean(false),
        status(response.path("status")),
        patch(response, version, mutating),
        annotations(response.path("auditAnnotations")),
        StreamSupport.stream(response.path("warnings").values().spliterator(), false)
            .map(warning -> warning.asString(""))
            .toList());
  }

  private static JsonNode tree(byte[] body) throws IOException {
    try {
      return JSON.readTree(body);
    } catch (ApiException unreadable) {
      throw new IOException(
          "failed to call webhook: the answer is no JSON: " + unreadable.getMessage(), unreadable);
    }
  }

  private static void check(JsonNode review, JsonNode response, String uid) throws IOException {
    String told = response.path("uid").asString("");
    if (!told.equals(uid)) {
      throw invalid("expected response.uid=\"" + uid + "\", got \"" + told + "\"");
    }
    String kind = review.path("kind").asString("");
    String apiVersion = review.path("apiVersion").asString("");
    if (!kind.equals("AdmissionReview") || !apiVersion.equals("admission.k8s.io/v1")) {
      throw invalid(
          "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got "
              + (apiVersion.contains("/") ? apiVersion : "/" + apiVersion)
              + ", Kind="
              + kind);
    }
  }

  private static String patch(JsonNode response, String version, boolean mutating)
      throws IOException {
    String encoded = response.path("patch").asString("");
    boolean typed = response.hasNonNull("patchType");
    String type = response.path("patchType").asString("");
    if (!mutating) {
      if (!encoded.isEmpty() && version.equals("v1")) {
        throw invalid("validating webhook may not return response.patch");
      }
      if (typed && version.equals("v1")) {
        throw invalid("validating webhook may not return response.patchType");
      }
      return "";
    }
    if (version.equals("v1")) {
      if (!encoded.isEmpty() && !typed) {
        throw invalid("webhook returned response.patch but not response.patchType");
      }
      if (encoded.isEmpty() && typed) {
        throw invalid("webhook returned response.patchType but not response.patch");
      }
      if (typed && type.isEmpty()) {
        throw invalid("webhook returned invalid response.patchType of \"\"");
      }
      if (typed && !type.equals("JSONPatch")) {
        throw new IOException("unsupported patch type \"" + type + "\"");
      }
    }
    try {
      return new String(
          Base64.getDecoder().decode(encoded), java.nio.charset.StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IOException("received undecodable patch in webhook response: " + e.getMessage(), e);
    }
  }

  private static Status status(JsonNode result) throws IOException {
    if (!result.isObject()) {
      return Status.getDefaultInstance();
    }
    try {
      return JSON.decode(result, Status.getDefaultInstance(), Strictness.IGNORE).message();
    } catch (ApiException unreadable) {
      throw invalid("response.status cannot be read: " + unreadable.getMessage());
    }
  }

  private static Map<String, String> annotations(JsonNode node) {
    Map<String, String> annotations = new TreeMap<>();
    node.forEachEntry((key, value) -> annotations.put(key, value.asString("")));
    return annotations;
  }

  private static IOException invalid(String why) {
    return new IOException("received invalid webhook response: " + why);
  }

  /// The refusal as its webhook is quoted with it: always a failure.
  Status denial(String webhook) {
    String said = "admission webhook \"" + webhook + "\" denied the request";
    Status.Builder denial = result.toBuilder().setStatus("Failure");
    denial.setCode(result.getCode() < 400 || result.getCode() > 599 ? 400 : result.getCode());
    if (!result.getMessage().isEmpty()) {
      denial.setMessage(said + ": " + result.getMessage());
    } else if (!result.getReason().isEmpty()) {
      denial.setMessage(said + ": " + result.getReason());
    } else {
      denial.setMessage(said + " without explanation");
    }
    return denial.build();
  }
}
