package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Kinds that people define, from their definition to their end, as a client sees them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CustomResourcesTest {

  private static final String DEFINITIONS =
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

  @TempDir static Path folder;
  private TestPlane plane;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.start(folder);
  }

  @AfterAll
  void stop() {
    plane.close();
  }

  /// @param more members of the one version
  private static String definition(String plural, String kind, String schema, String more) {
    return """
    {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
     "metadata": {"name": "%1$s.stable.example.com"},
     "spec": {"group": "stable.example.com", "scope": "Namespaced",
      "names": {"plural": "%1$s", "kind": "%2$s"},
      "versions": [{"name": "v1", "served": true, "storage": true,
       "schema": {"openAPIV3Schema": %3$s} %4$s}]}}
    """
        .formatted(plural, kind, schema, more);
  }

  private static final String SCHEMA =
      """
      {"type": "object", "properties": {
        "spec": {"type": "object", "required": ["cronSpec"], "properties": {
          "cronSpec": {"type": "string", "pattern": "^[0-9*/ ]+$"},
          "image": {"type": "string", "default": "busybox"},
          "replicas": {"type": "integer", "minimum": 1, "maximum": 10},
          "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}},
        "status": {"type": "object", "properties": {
          "replicas": {"type": "integer"}, "phase": {"type": "string"}}}}}
      """;

  private JsonNode created(String path, String body) throws Exception {
    HttpResponse<String> answer = plane.post(path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return TestPlane.json(answer);
  }

  private JsonNode got(String path) throws Exception {
    HttpResponse<String> answer = plane.get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return TestPlane.json(answer);
  }

  private HttpResponse<String> send(String method, String type, String path, String body)
      throws Exception {
    return plane.send(
        plane
            .request(path)
            .header("content-type", type)
            .method(method, BodyPublishers.ofString(body)));
  }

  private HttpResponse<String> merged(String path, String patch) throws Exception {
    return send("PATCH", "application/merge-patch+json", path, patch);
  }

  private static String cronTab(String kind, String name, String spec) {
    return """
    {"apiVersion": "stable.example.com/v1", "kind": "%s", "metadata": {"name": "%s"}, "spec": %s}
    """
        .formatted(kind, name, spec);
  }

  private static String home(String plural) {
    return "/apis/stable.example.com/v1/namespaces/default/" + plural;
  }

  @Test
  void aKindIsServedFromItsDefinitionToItsEnd() throws Exception {
    JsonNode made = created(DEFINITIONS, definition("crontabs", "CronTab", SCHEMA, ""));
    assertThat(made.at("/spec/names/singular").asString()).isEqualTo("crontab");
    assertThat(made.at("/spec/names/listKind").asString()).isEqualTo("CronTabList");
    assertThat(made.at("/status/acceptedNames/kind").asString()).isEqualTo("CronTab");
    assertThat(made.at("/status/storedVersions/0").asString()).isEqualTo("v1");
    assertThat(made.at("/status/conditions").toString())
        .contains("\"type\":\"NamesAccepted\",\"status\":\"True\"")
        .contains("\"type\":\"Established\",\"status\":\"True\"");

    JsonNode one =
        created(
            home("crontabs"),
            cronTab("CronTab", "a", "{\"cronSpec\": \"* *\", \"odd\": 1, \"free\": {\"x\": 1.5}}"));
    assertThat(one.at("/metadata/uid").asString()).isNotEmpty();
    assertThat(one.at("/metadata/generation").asInt()).isEqualTo(1);
    assertThat(one.at("/spec").toString())
        .isEqualTo("{\"cronSpec\":\"* *\",\"free\":{\"x\":1.5},\"image\":\"busybox\"}");
    assertThat(got(home("crontabs") + "/a")).isEqualTo(one);

    JsonNode list = got("/apis/stable.example.com/v1/crontabs");
    assertThat(list.path("kind").asString()).isEqualTo("CronTabList");
    assertThat(list.at("/items/0/kind").asString()).isEqualTo("CronTab");

    HttpResponse<String> patched = merged(home("crontabs") + "/a", "{\"spec\":{\"replicas\":3}}");
    assertThat(TestPlane.json(patched).at("/metadata/generation").asInt()).isEqualTo(2);
    HttpResponse<String> put =
        send(
            "PUT",
            "application/json",
            home("crontabs") + "/a",
            TestPlane.json(patched).toString().replace("busybox", "alpine"));
    assertThat(TestPlane.json(put).at("/spec/image").asString()).isEqualTo("alpine");
    assertThat(
            send("PATCH", "application/strategic-merge-patch+json", home("crontabs") + "/a", "{}")
                .statusCode())
        .isEqualTo(415);

    assertThat(send("DELETE", "application/json", home("crontabs") + "/a", "").statusCode())
        .isEqualTo(200);
    assertThat(plane.get(home("crontabs") + "/a").statusCode()).isEqualTo(404);

    created(home("crontabs"), cronTab("CronTab", "b", "{\"cronSpec\": \"*\"}"));
    String definition = DEFINITIONS + "/crontabs.stable.example.com";
    assertThat(send("DELETE", "application/json", definition, "").statusCode()).isEqualTo(200);
    await().atMost(Duration.ofSeconds(10)).until(() -> plane.get(definition).statusCode() == 404);
    assertThat(plane.get(home("crontabs")).statusCode()).isEqualTo(404);
    created(DEFINITIONS, definition("crontabs", "CronTab", SCHEMA, ""));
    assertThat(got(home("crontabs")).path("items").size()).isZero();
  }

  @Test
  void discoveryNamesTheKindAtOnce() throws Exception {
    created(
        DEFINITIONS, definition("gears", "Gear", SCHEMA, ", \"subresources\": {\"status\": {}}"));
    assertThat(got("/apis").toString()).contains("\"stable.example.com\"");
    assertThat(got("/apis/stable.example.com/v1").toString())
        .contains("\"name\":\"gears\"", "\"name\":\"gears/status\"");
  }

  @Test
  void whatDoesNotFitTheSchemaIsRefusedWithEachField() throws Exception {
    created(DEFINITIONS, definition("wheels", "Wheel", SCHEMA, ""));
    HttpResponse<String> refused =
        plane.post(
            home("wheels"), cronTab("Wheel", "w", "{\"replicas\": \"three\", \"image\": 1}"));
    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(TestPlane.json(refused).path("message").asString())
        .startsWith("Wheel.stable.example.com \"w\" is invalid: [")
        .contains("spec.cronSpec: Required value")
        .contains(
            "spec.replicas: Invalid value: \"string\": spec.replicas in body must be of type"
                + " integer: \"string\"")
        .contains("spec.image: Invalid value: \"integer\"");
    HttpResponse<String> strict =
        plane.post(
            home("wheels") + "?fieldValidation=Strict",
            cronTab("Wheel", "w", "{\"cronSpec\": \"*\", \"cronSpec\": \"*\", \"odd\": 1}"));
    assertThat(TestPlane.json(strict).path("message").asString())
        .isEqualTo(
            "strict decoding error: unknown field \"spec.odd\", duplicate field"
                + " \"spec.cronSpec\"");
  }

  @Test
  void theStatusHasAPathOfItsOwn() throws Exception {
    created(DEFINITIONS, definition("cogs", "Cog", SCHEMA, ", \"subresources\": {\"status\": {}}"));
    JsonNode cog =
        created(
            home("cogs"),
            """
            {"apiVersion": "stable.example.com/v1", "kind": "Cog", "metadata": {"name": "c"},
             "spec": {"cronSpec": "*"}, "status": {"phase": "Early"}}
            """);
    assertThat(cog.has("status")).isFalse();
    HttpResponse<String> written =
        merged(
            home("cogs") + "/c/status",
            "{\"status\": {\"phase\": \"Done\"}, \"spec\": {\"cronSpec\": \"1\"}}");
    JsonNode after = TestPlane.json(written);
    assertThat(after.at("/status/phase").asString()).isEqualTo("Done");
    assertThat(after.at("/spec/cronSpec").asString()).isEqualTo("*");
    assertThat(after.at("/metadata/generation").asInt()).isEqualTo(1);
    assertThat(merged(home("cogs") + "/c", "{\"status\": null}").statusCode()).isEqualTo(200);
    assertThat(got(home("cogs") + "/c").at("/status/phase").asString()).isEqualTo("Done");
  }

  @Test
  void theScaleIsWhereTheDefinitionSays() throws Exception {
    created(
        DEFINITIONS,
        definition(
            "fleets",
            "Fleet",
            SCHEMA,
            """
            , "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.replicas",
               "statusReplicasPath": ".status.replicas", "labelSelectorPath": ".status.phase"}}
            """));
    created(home("fleets"), cronTab("Fleet", "f", "{\"cronSpec\": \"*\", \"replicas\": 2}"));
    JsonNode scale = got(home("fleets") + "/f/scale");
    assertThat(scale.path("kind").asString()).isEqualTo("Scale");
    assertThat(scale.at("/spec/replicas").asInt()).isEqualTo(2);
    HttpResponse<String> scaled =
        merged(home("fleets") + "/f/scale", "{\"spec\": {\"replicas\": 5}}");
    assertThat(TestPlane.json(scaled).at("/spec/replicas").asInt()).isEqualTo(5);
    JsonNode fleet = got(home("fleets") + "/f");
    assertThat(fleet.at("/spec/replicas").asInt()).isEqualTo(5);
    assertThat(fleet.at("/metadata/generation").asInt()).isEqualTo(2);
    assertThat(merged(home("fleets") + "/f/scale", "{\"spec\": {\"replicas\": 50}}").statusCode())
        .isEqualTo(422);
  }

  @Test
  void tablesSelectorsAndMetadataAreServed() throws Exception {
    created(
        DEFINITIONS,
        definition(
            "lamps",
            "Lamp",
            SCHEMA,
            """
            , "additionalPrinterColumns": [
               {"name": "Image", "type": "string", "jsonPath": ".spec.image"},
               {"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas"}],
              "selectableFields": [{"jsonPath": ".spec.image"}]
            """));
    created(home("lamps"), cronTab("Lamp", "a", "{\"cronSpec\": \"*\", \"image\": \"red\"}"));
    created(home("lamps"), cronTab("Lamp", "b", "{\"cronSpec\": \"*\", \"replicas\": 3}"));
    JsonNode table =
        TestPlane.json(
            plane.send(
                plane
                    .request(home("lamps"))
                    .header("accept", "application/json;as=Table;v=v1;g=meta.k8s.io")));
    assertThat(table.at("/columnDefinitions").toString())
        .contains("\"name\":\"Image\"", "\"name\":\"Replicas\"");
    assertThat(table.at("/rows/0/cells").toString()).isEqualTo("[\"a\",\"red\",null]");
    assertThat(table.at("/rows/1/cells").toString()).isEqualTo("[\"b\",\"busybox\",3]");

    JsonNode red = got(home("lamps") + "?fieldSelector=spec.image%3Dred");
    assertThat(red.path("items").size()).isEqualTo(1);
    assertThat(plane.get(home("lamps") + "?fieldSelector=spec.cronSpec%3Dx").statusCode())
        .isEqualTo(400);
    JsonNode page = got(home("lamps") + "?limit=1");
    assertThat(page.at("/metadata/remainingItemCount").asInt()).isEqualTo(1);
    String token = page.at("/metadata/continue").asString();
    assertThat(
            got(home("lamps") + "?limit=1&continue=" + token)
                .at("/items/0/metadata/name")
                .asString())
        .isEqualTo("b");
    HttpResponse<String> whole =
        plane.send(
            plane
                .request(home("lamps") + "/a")
                .header("accept", "application/vnd.kubernetes.protobuf,application/json"));
    assertThat(whole.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(
            plane
                .send(
                    plane
                        .request(home("lamps") + "/a")
                        .header("accept", "application/vnd.kubernetes.protobuf"))
                .statusCode())
        .isEqualTo(406);
    HttpResponse<String> watched =
        plane.get(
            home("lamps")
                + "?watch=1&allowWatchBookmarks=true&sendInitialEvents=true"
                + "&resourceVersionMatch=NotOlderThan&timeoutSeconds=1");
    assertThat(watched.body())
        .contains("\"type\":\"ADDED\"")
        .contains("\"k8s.io/initial-events-end\":\"true\"");
  }

  @Test
  void aChangedSchemaHoldsFromThenOn() throws Exception {
    created(DEFINITIONS, definition("seats", "Seat", SCHEMA, ""));
    created(home("seats"), cronTab("Seat", "s", "{\"cronSpec\": \"*\"}"));
    String path = DEFINITIONS + "/seats.stable.example.com";
    HttpResponse<String> changed =
        send(
            "PUT",
            "application/json",
            path,
            got(path)
                .toString()
                .replace("\"busybox\"", "\"alpine\"")
                .replace(
                    "\"replicas\":{\"type\":\"integer\",\"maximum\"",
                    "\"replicas\":{\"type\":\"integer\",\"default\":4,\"maximum\""));
    assertThat(changed.statusCode()).as(changed.body()).isEqualTo(200);
    assertThat(TestPlane.json(changed).at("/metadata/generation").asInt()).isEqualTo(2);
    JsonNode next = created(home("seats"), cronTab("Seat", "t", "{\"cronSpec\": \"*\"}"));
    assertThat(next.at("/spec/image").asString()).isEqualTo("alpine");
    // what was written down stays, what was not is filled in
    JsonNode first = got(home("seats") + "/s");
    assertThat(first.at("/spec/image").asString()).isEqualTo("busybox");
    assertThat(first.at("/spec/replicas").asInt()).isEqualTo(4);
  }

  @Test
  void rulesInCelAreAskedThroughTheApi() throws Exception {
    created(
        DEFINITIONS,
        definition(
            "locks",
            "Lock",
            """
            {"type": "object", "properties": {"spec": {"type": "object", "properties": {
              "level": {"type": "integer", "x-kubernetes-validations": [
                {"rule": "self >= oldSelf", "message": "may only rise"}]}}}}}
            """,
            ""));
    created(home("locks"), cronTab("Lock", "l", "{\"level\": 2}"));
    HttpResponse<String> refused = merged(home("locks") + "/l", "{\"spec\": {\"level\": 1}}");
    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(TestPlane.json(refused).path("message").asString())
        .isEqualTo(
            "Lock.stable.example.com \"l\" is invalid: spec.level: Invalid value: 1: may only"
                + " rise");
  }

  @Test
  void openApiDescribesTheKind() throws Exception {
    created(DEFINITIONS, definition("books", "Book", SCHEMA, ""));
    JsonNode v3 = got("/openapi/v3/apis/stable.example.com/v1");
    JsonNode book = v3.path("components").path("schemas").path("com.example.stable.v1.Book");
    assertThat(book.at("/x-kubernetes-group-version-kind/0/kind").asString()).isEqualTo("Book");
    assertThat(book.at("/properties/spec/properties/cronSpec/type").asString()).isEqualTo("string");
    assertThat(got("/openapi/v3").path("paths").has("apis/stable.example.com/v1")).isTrue();
    assertThat(got("/openapi/v2").path("definitions").has("com.example.stable.v1.Book")).isTrue();
  }

  // kubectl takes the fields that OpenAPI 2 names for all there are.
  @Test
  void openApiNamesNoFieldsOfWhatMayHoldAnything() throws Exception {
    String anything = "{\"type\": \"object\", \"x-kubernetes-preserve-unknown-fields\": true}";
    created(DEFINITIONS, definition("bags", "Bag", anything, ""));
    assertThat(got("/openapi/v2").path("definitions").path("com.example.stable.v1.Bag").toString())
        .isEqualTo(
            "{\"type\":\"object\",\"x-kubernetes-group-version-kind\":[{\"group\":"
                + "\"stable.example.com\",\"kind\":\"Bag\",\"version\":\"v1\"}]}");
  }

  @Test
  void twoDefinitionsCannotHaveOneName() throws Exception {
    created(DEFINITIONS, definition("cups", "Cup", SCHEMA, ""));
    JsonNode second = created(DEFINITIONS, definition("mugs", "Cup", SCHEMA, ""));
    assertThat(second.at("/status/conditions").toString())
        .contains("\"type\":\"NamesAccepted\",\"status\":\"False\"", "KindConflict");
    assertThat(plane.get(home("mugs")).statusCode()).isEqualTo(404);
    assertThat(
            send("DELETE", "application/json", DEFINITIONS + "/cups.stable.example.com", "")
                .statusCode())
        .isEqualTo(200);
    await().atMost(Duration.ofSeconds(10)).until(() -> plane.get(home("mugs")).statusCode() == 200);
  }
}
