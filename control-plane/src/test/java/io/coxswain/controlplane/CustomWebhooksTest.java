package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Admission webhooks of kinds that people define.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CustomWebhooksTest {

  private static final String DEFINITIONS =
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  private static final String CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/";

  @TempDir static Path folder;
  private TestPlane plane;
  private WebhookServer hooks;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.start(folder);
    hooks = new WebhookServer(plane.plane.pki());
  }

  @AfterAll
  void stop() {
    hooks.close();
    plane.close();
  }

  private JsonNode post(String path, String body) throws Exception {
    HttpResponse<String> answer = plane.post(path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return TestPlane.json(answer);
  }

  private HttpResponse<String> send(String method, String path, String type, String body)
      throws Exception {
    return plane.send(
        plane
            .request(path)
            .header("content-type", type)
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
  }

  private void define(String plural, String kind, String schema, String storage) throws Exception {
    String version =
        """
        {"name": "%s", "served": true, "storage": %s,
         "schema": {"openAPIV3Schema": %s}}\
        """;
    post(
        DEFINITIONS,
        """
        {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
         "metadata": {"name": "%1$s.hooks.example.com"},
         "spec": {"group": "hooks.example.com", "scope": "Namespaced",
          "names": {"plural": "%1$s", "kind": "%2$s"}, "versions": [%3$s, %4$s]}}\
        """
            .formatted(
                plural,
                kind,
                version.formatted("v1", storage.equals("v1"), schema),
                version.formatted("v2", storage.equals("v2"), schema)));
  }

  private void configure(String kind, String plural, String members) throws Exception {
    post(
        CONFIGURATIONS + kind.toLowerCase(java.util.Locale.ROOT) + "webhookconfigurations",
        """
        {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "%1$sWebhookConfiguration",
         "metadata": {"name": "%2$s"}, "webhooks": [
          {"name": "%2$s.hooks.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
           "rules": [{"operations": ["*"], "apiGroups": ["hooks.example.com"],
                      "apiVersions": ["v1"], "resources": ["%2$s"]}],
           %3$s, %4$s}]}\
        """
            .formatted(kind, plural, hooks.client("/" + plural), members));
  }

  private static String object(String version, String kind, String data) {
    return """
    {"apiVersion": "hooks.example.com/%s", "kind": "%s", "metadata": {"name": "a"}, "data": %s}\
    """
        .formatted(version, kind, data);
  }

  private static String path(String version, String plural) {
    return "/apis/hooks.example.com/" + version + "/namespaces/default/" + plural;
  }

  private static final String ANYTHING =
      "{\"type\": \"object\", \"x-kubernetes-preserve-unknown-fields\": true}";

  @Test
  void creatingChangingAndDeletingCanBeDenied() throws Exception {
    define("denials", "Denial", ANYTHING, "v1");
    hooks.at(
        "/denials",
        (request, response) -> {
          String of =
              request.path("operation").asString().equals("DELETE") ? "oldObject" : "object";
          if (request.path(of).path("data").has("bad")) {
            WebhookServer.deny(response, "unwanted data");
          }
        });
    configure("Validating", "denials", "\"failurePolicy\": \"Fail\"");
    String all = path("v1", "denials");

    assertThat(plane.post(all, object("v1", "Denial", "{\"bad\": 1}")).body())
        .contains("denied the request: unwanted data");
    post(all, object("v1", "Denial", "{\"good\": 1}"));
    HttpResponse<String> patched =
        send("PATCH", all + "/a", "application/merge-patch+json", "{\"data\": {\"bad\": 1}}");
    assertThat(patched.statusCode()).as(patched.body()).isEqualTo(400);
    String configuration = CONFIGURATIONS + "validatingwebhookconfigurations/denials";
    JsonNode denying = TestPlane.json(plane.get(configuration));
    assertThat(send("DELETE", configuration, "application/json", "").statusCode()).isEqualTo(200);
    assertThat(
            send("PATCH", all + "/a", "application/merge-patch+json", "{\"data\": {\"bad\": 1}}")
                .statusCode())
        .isEqualTo(200);
    ((ObjectNode) denying.path("metadata")).remove("resourceVersion");
    post(CONFIGURATIONS + "validatingwebhookconfigurations", denying.toString());
    HttpResponse<String> deleted = send("DELETE", all + "/a", "application/json", "");
    assertThat(deleted.statusCode()).isEqualTo(400);
    assertThat(deleted.body()).contains("denied the request: unwanted data");
  }

  @Test
  void whatIsChangedIsPrunedAndCompleted() throws Exception {
    define(
        "prunes",
        "Prune",
        """
        {"type": "object", "properties": {"data": {"type": "object", "properties": {
          "known": {"type": "string"},
          "inner": {"type": "object", "properties": {
            "given": {"type": "string", "default": "by default"}}}}}}}\
        """,
        "v1");
    hooks.at(
        "/prunes",
        (_, response) ->
            WebhookServer.patch(
                response,
                """
                [{"op": "add", "path": "/data/stray", "value": "s"},
                 {"op": "add", "path": "/data/inner", "value": {}},
                 {"op": "add", "path": "/data/known", "value": "k"}]\
                """));
    configure("Mutating", "prunes", "\"failurePolicy\": \"Fail\"");

    JsonNode made = post(path("v1", "prunes"), object("v1", "Prune", "{\"one\": \"1\"}"));

    assertThat(made.path("data").toString())
        .isEqualTo("{\"inner\":{\"given\":\"by default\"},\"known\":\"k\"}");
    assertThat(made.at("/metadata/uid").asString()).isNotEmpty();
  }

  @Test
  void otherVersionsAreToldInTheOneThatRulesName() throws Exception {
    define("pairs", "Pair", ANYTHING, "v2");
    hooks.at(
        "/pairs",
        (request, response) ->
            WebhookServer.patch(
                response,
                "[{\"op\": \"add\", \"path\": \"/data/seen\", \"value\": \"%s\"}]"
                    .formatted(request.at("/object/apiVersion").asString())));
    configure("Mutating", "pairs", "\"matchPolicy\": \"Equivalent\"");

    JsonNode made = post(path("v2", "pairs"), object("v2", "Pair", "{\"one\": \"1\"}"));

    assertThat(made.path("apiVersion").asString()).isEqualTo("hooks.example.com/v2");
    assertThat(made.at("/data/seen").asString()).isEqualTo("hooks.example.com/v1");
    JsonNode request = hooks.asked("/pairs").getFirst();
    assertThat(request.at("/resource/version").asString()).isEqualTo("v1");
    assertThat(request.at("/requestResource/version").asString()).isEqualTo("v2");
    assertThat(request.at("/requestKind/version").asString()).isEqualTo("v2");

    HttpResponse<String> exact =
        send(
            "PATCH",
            CONFIGURATIONS + "mutatingwebhookconfigurations/pairs",
            "application/json-patch+json",
            "[{\"op\":\"replace\",\"path\":\"/webhooks/0/matchPolicy\",\"value\":\"Exact\"}]");
    assertThat(exact.statusCode()).isEqualTo(200);
    HttpResponse<String> patched =
        send(
            "PATCH",
            path("v2", "pairs") + "/a",
            "application/merge-patch+json",
            "{\"data\": {\"two\": \"2\"}}");
    assertThat(patched.statusCode()).isEqualTo(200);
    assertThat(hooks.asked("/pairs")).as("not asked about v2").hasSize(1);
  }

  @Test
  void whatIsStoredInAnotherVersionFromNowOnIsChangedToo() throws Exception {
    define("moves", "Move", ANYTHING, "v1");
    hooks.at(
        "/moves",
        (request, response) ->
            WebhookServer.patch(
                response,
                "[{\"op\": \"add\", \"path\": \"/data/%s\", \"value\": \"yes\"}]"
                    .formatted(request.path("operation").asString())));
    configure("Mutating", "moves", "\"failurePolicy\": \"Fail\"");
    String all = path("v1", "moves");
    assertThat(post(all, object("v1", "Move", "{\"one\": \"1\"}")).path("data").toString())
        .isEqualTo("{\"CREATE\":\"yes\",\"one\":\"1\"}");

    HttpResponse<String> moved =
        send(
            "PATCH",
            DEFINITIONS + "/moves.hooks.example.com",
            "application/json-patch+json",
            "[{\"op\": \"replace\", \"path\": \"/spec/versions/0/storage\", \"value\": false},"
                + " {\"op\": \"replace\", \"path\": \"/spec/versions/1/storage\", \"value\": true}]");
    assertThat(moved.statusCode()).as(moved.body()).isEqualTo(200);
    assertThat(TestPlane.json(moved).at("/status/storedVersions").toString())
        .isEqualTo("[\"v1\",\"v2\"]");

    HttpResponse<String> patched =
        send("PATCH", all + "/a", "application/merge-patch+json", "{\"data\": {\"two\": \"2\"}}");
    assertThat(patched.statusCode()).as(patched.body()).isEqualTo(200);
    assertThat(TestPlane.json(patched).path("data").toString())
        .isEqualTo("{\"CREATE\":\"yes\",\"UPDATE\":\"yes\",\"one\":\"1\",\"two\":\"2\"}");
    assertThat(TestPlane.json(plane.get(path("v2", "moves") + "/a")).path("data"))
        .isEqualTo(TestPlane.json(patched).path("data"));
  }

  @Test
  void definitionsThemselvesCanBeDenied() throws Exception {
    hooks.at(
        "/definitions",
        (request, response) -> {
          if (request.at("/object/metadata/labels").has("unwanted")) {
            WebhookServer.deny(response, "the crd contains unwanted label");
          }
        });
    post(
        CONFIGURATIONS + "validatingwebhookconfigurations",
        """
        {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
         "metadata": {"name": "definitions"}, "webhooks": [
          {"name": "definitions.hooks.example.com", "sideEffects": "None",
           "admissionReviewVersions": ["v1"],
           "objectSelector": {"matchLabels": {"unwanted": "yes"}},
           "rules": [{"operations": ["CREATE"], "apiGroups": ["apiextensions.k8s.io"],
                      "apiVersions": ["*"], "resources": ["customresourcedefinitions"]}],
           %s}]}\
        """
            .formatted(hooks.client("/definitions")));
    HttpResponse<String> refused =
        plane.post(
            DEFINITIONS,
            """
            {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
             "metadata": {"name": "nones.hooks.example.com", "labels": {"unwanted": "yes"}},
             "spec": {"group": "hooks.example.com", "scope": "Namespaced",
              "names": {"plural": "nones", "kind": "None"}, "versions": [
               {"name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object"}}}]}}\
            """);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("the crd contains unwanted label");
  }
}
