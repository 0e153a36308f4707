package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Server-side apply and the books about it, as clients of REST see them.
class ServerSideApplyTest {

  private static final String APPLY = "application/apply-patch+yaml";
  private static final String MERGE = "application/merge-patch+json";
  private static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments/";
  private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps/";

  @TempDir static Path folder;

  private static TestPlane test;

  @BeforeAll
  static void start() throws Exception {
    test = TestPlane.start(folder);
  }

  @AfterAll
  static void stop() {
    test.close();
  }

  private static HttpResponse<String> write(
      String method, String path, String type, String agent, String body) throws Exception {
    return test.send(
        test.request(path)
            .header("content-type", type)
            .header("user-agent", agent)
            .method(method, BodyPublishers.ofString(body)));
  }

  private static HttpResponse<String> apply(String path, String manager, String body)
      throws Exception {
    return write("PATCH", path + "?fieldManager=" + manager, APPLY, "test/1", body);
  }

  private static String deployment(String name, int replicas) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: %s}
    spec:
      replicas: %d
      selector: {matchLabels: {app: a}}
      template:
        metadata: {labels: {app: a}}
        spec: {containers: [{name: c, image: i}]}
    """
        .formatted(name, replicas);
  }

  private static String configMap(String name, String data) {
    return "{apiVersion: v1, kind: ConfigMap, metadata: {name: "
        + name
        + "}, data: {"
        + data
        + "}}";
  }

  private static JsonNode ok(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isIn(200, 201);
    return TestPlane.json(response);
  }

  private static JsonNode books(JsonNode object) {
    return object.path("metadata").path("managedFields");
  }

  private static String version(JsonNode object) {
    return object.path("metadata").path("resourceVersion").asString();
  }

  @Test
  void anApplyMakesWhatIsNotThereAndChangesWhatIs() throws Exception {
    HttpResponse<String> made = apply(DEPLOYMENTS + "made", "me", deployment("made", 1));
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    JsonNode first = TestPlane.json(made);
    assertThat(books(first)).hasSize(1);
    assertThat(books(first).get(0).path("manager").asString()).isEqualTo("me");
    assertThat(books(first).get(0).path("operation").asString()).isEqualTo("Apply");
    assertThat(books(first).get(0).path("apiVersion").asString()).isEqualTo("apps/v1");
    assertThat(books(first).get(0).path("fieldsType").asString()).isEqualTo("FieldsV1");
    assertThat(books(first).get(0).path("fieldsV1").path("f:spec").path("f:selector").isObject())
        .isTrue();
    assertThat(books(first).get(0).path("fieldsV1").path("f:spec").has("f:strategy")).isFalse();

    JsonNode again = ok(apply(DEPLOYMENTS + "made", "me", deployment("made", 1)));
    assertThat(version(again)).isEqualTo(version(first));
    assertThat(books(again)).isEqualTo(books(first));

    JsonNode changed = ok(apply(DEPLOYMENTS + "made", "me", deployment("made", 3)));
    assertThat(changed.path("spec").path("replicas").asInt()).isEqualTo(3);
    assertThat(changed.path("metadata").path("generation").asInt()).isEqualTo(2);
  }

  @Test
  void conflictsAreToldInTheWordsThatClientsKnow() throws Exception {
    ok(apply(DEPLOYMENTS + "one", "me", deployment("one", 1)));
    ok(write("PATCH", DEPLOYMENTS + "one", MERGE, "scaler/2", "{\"spec\":{\"replicas\":4}}"));
    HttpResponse<String> refused = apply(DEPLOYMENTS + "one", "me", deployment("one", 1));
    assertThat(refused.statusCode()).isEqualTo(409);
    JsonNode status = TestPlane.json(refused);
    assertThat(status.path("reason").asString()).isEqualTo("Conflict");
    assertThat(status.path("message").asString())
        .isEqualTo(
            "Apply failed with 1 conflict: conflict with \"scaler\" using apps/v1: .spec.replicas");
    JsonNode cause = status.path("details").path("causes").get(0);
    assertThat(cause.path("reason").asString()).isEqualTo("FieldManagerConflict");
    assertThat(cause.path("field").asString()).isEqualTo(".spec.replicas");
    assertThat(cause.path("message").asString())
        .isEqualTo("conflict with \"scaler\" using apps/v1");

    JsonNode forced = ok(apply(DEPLOYMENTS + "one", "me&force=true", deployment("one", 1)));
    assertThat(forced.path("spec").path("replicas").asInt()).isEqualTo(1);
    assertThat(books(forced)).hasSize(1);
  }

  @Test
  void manyConflictsAreListedByManager() throws Exception {
    ok(apply(CONFIG_MAPS + "many", "a", configMap("many", "x: '1', z: '1'")));
    HttpResponse<String> refused =
        apply(CONFIG_MAPS + "many", "b", configMap("many", "x: '2', z: '2'"));
    assertThat(TestPlane.json(refused).path("message").asString())
        .isEqualTo("Apply failed with 2 conflicts: conflicts with \"a\":\n- .data.x\n- .data.z");
  }

  @Test
  void partsAreBookedByThemselves() throws Exception {
    ok(apply(DEPLOYMENTS + "parts", "me", deployment("parts", 1)));
    ok(
        write(
            "PUT",
            DEPLOYMENTS + "parts/scale",
            "application/json",
            "scaler/1",
            "{\"metadata\":{\"name\":\"parts\"},\"spec\":{\"replicas\":2}}"));
    JsonNode seen =
        ok(
            write(
                "PATCH",
                DEPLOYMENTS + "parts/status",
                MERGE,
                "watcher/1",
                "{\"status\":{\"replicas\":2},\"spec\":{\"replicas\":9}}"));
    assertThat(books(seen)).hasSize(3);
    assertThat(books(seen).get(1).path("subresource").asString()).isEqualTo("scale");
    assertThat(books(seen).get(1).path("fieldsV1").toString())
        .isEqualTo("{\"f:spec\":{\"f:replicas\":{}}}");
    assertThat(books(seen).get(2).path("subresource").asString()).isEqualTo("status");
    assertThat(books(seen).get(2).path("fieldsV1").toString())
        .isEqualTo("{\"f:status\":{\"f:replicas\":{}}}");
    assertThat(
            TestPlane.json(apply(DEPLOYMENTS + "parts", "me", deployment("parts", 1)))
                .path("message")
                .asString())
        .contains("conflict with \"scaler\" with subresource \"scale\" using apps/v1");

    String scale =
        "{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: parts}, spec: {replicas: 5}}";
    assertThat(apply(DEPLOYMENTS + "parts/scale", "hpa", scale).statusCode()).isEqualTo(409);
    assertThat(
            ok(apply(DEPLOYMENTS + "parts/scale", "hpa&force=true", scale))
                .path("spec")
                .path("replicas")
                .asInt())
        .isEqualTo(5);

    String status =
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: parts, labels: {some: label}},"
            + " status: {availableReplicas: 1}}";
    JsonNode applied = ok(apply(DEPLOYMENTS + "parts/status", "st", status));
    assertThat(applied.path("status").path("availableReplicas").asInt()).isEqualTo(1);
    assertThat(applied.path("metadata").has("labels")).isFalse();
    assertThat(books(applied).get(0).path("manager").asString()).isIn("st", "hpa", "me");
    assertThat(
            apply(DEPLOYMENTS + "absent/status", "st", status.replace("parts", "absent"))
                .statusCode())
        .isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fieldManager=|{apiVersion: v1, kind: ConfigMap, metadata: {name: bad}}|422|is required for"
            + " apply patch",
        "fieldManager=a%0Ab|{apiVersion: v1, kind: ConfigMap, metadata: {name: bad}}|422|invalid"
            + " character U+000A",
        "fieldManager=m|{apiVersion: v2, kind: ConfigMap, metadata: {name: bad}}|400|Incorrect"
            + " version specified in apply patch. Specified patch version: v2, expected: v1",
        "fieldManager=m|{kind: ConfigMap, metadata: {name: bad}}|400|Incorrect version",
        "fieldManager=m|{apiVersion: v1, kind: Secret, metadata: {name: bad}}|400|does not match",
        "fieldManager=m|{apiVersion: v1, kind: ConfigMap, metadata: {name: other}}|400|does not"
            + " match the name on the URL",
        "fieldManager=m|{apiVersion: v1, kind: ConfigMap, metadata: {name: bad, managedFields:"
            + " []}}|400|metadata.managedFields must be nil",
        "fieldManager=m|{apiVersion: v1, kind: ConfigMap, metadata: {name: bad}, dota: {}}|400|dota",
        "fieldManager=m|{apiVersion: v1, kind: ConfigMap, metadata: {name: bad, uid: u}}|409|uid"
            + " mismatch",
        "fieldManager=m|[1]|400|must be an object",
        "fieldManager=m|{a: [}|400|error decoding YAML",
      })
  void badAppliesAreRefused(String query, String body, int code, String says) throws Exception {
    HttpResponse<String> refused =
        write("PATCH", CONFIG_MAPS + "bad?" + query, APPLY, "test/1", body);
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(code);
    assertThat(TestPlane.json(refused).path("message").asString()).contains(says);
    assertThat(test.get(CONFIG_MAPS + "bad").statusCode()).isEqualTo(404);
  }

  @Test
  void nobodyElseForces() throws Exception {
    HttpResponse<String> refused =
        write("PATCH", CONFIG_MAPS + "x?force=true", MERGE, "test/1", "{}");
    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(TestPlane.json(refused).path("message").asString())
        .contains("force: Forbidden: may not be specified for non-apply patch");
  }

  @Test
  void everyWriteIsBooked() throws Exception {
    JsonNode made =
        ok(
            write(
                "POST",
                CONFIG_MAPS.substring(0, CONFIG_MAPS.length() - 1),
                "application/json",
                "maker/v1 (x)",
                "{\"metadata\":{\"name\":\"all\"},\"data\":{\"a\":\"1\"}}"));
    assertThat(books(made)).hasSize(1);
    assertThat(books(made).get(0).path("manager").asString()).isEqualTo("maker");
    assertThat(books(made).get(0).path("operation").asString()).isEqualTo("Update");
    assertThat(books(made).get(0).path("fieldsV1").toString())
        .isEqualTo("{\"f:data\":{\".\":{},\"f:a\":{}}}");

    JsonNode same =
        ok(write("PATCH", CONFIG_MAPS + "all", MERGE, "other/1", "{\"data\":{\"a\":\"1\"}}"));
    assertThat(version(same)).isEqualTo(version(made));

    JsonNode changed =
        ok(
            write(
                "PATCH",
                CONFIG_MAPS + "all?fieldManager=named",
                MERGE,
                "other/1",
                "{\"data\":{\"a\":\"2\",\"b\":\"3\"}}"));
    assertThat(books(changed)).hasSize(2);
    assertThat(books(changed).get(0).path("fieldsV1").toString()).isEqualTo("{\"f:data\":{}}");
    assertThat(books(changed).get(1).path("manager").asString()).isEqualTo("named");
    assertThat(books(changed).get(1).path("fieldsV1").toString())
        .isEqualTo("{\"f:data\":{\"f:a\":{},\"f:b\":{}}}");
  }

  @ParameterizedTest
  @CsvSource({"[],empty", "[{}],reset"})
  void booksCanBeThrownAway(String books, String name) throws Exception {
    ok(apply(CONFIG_MAPS + name, "me", configMap(name, "a: '1'")));
    JsonNode bare =
        ok(
            write(
                "PATCH",
                CONFIG_MAPS + name,
                MERGE,
                "test/1",
                "{\"metadata\":{\"managedFields\":" + books + "}}"));
    assertThat(bare.path("metadata").has("managedFields")).isFalse();
    JsonNode changed =
        ok(write("PATCH", CONFIG_MAPS + name, MERGE, "test/1", "{\"data\":{\"b\":\"2\"}}"));
    assertThat(changed.path("metadata").has("managedFields")).isFalse();

    JsonNode applied = ok(apply(CONFIG_MAPS + name, "you", configMap(name, "c: '3'")));
    assertThat(books(applied)).hasSize(2);
    assertThat(books(applied).get(1).path("manager").asString()).isEqualTo("before-first-apply");
    assertThat(books(applied).get(1).path("fieldsV1").toString())
        .isEqualTo("{\"f:data\":{\".\":{},\"f:a\":{},\"f:b\":{}}}");
  }

  private static String boat(String spec) {
    return "{apiVersion: example.com/v1, kind: Boat, metadata: {name: boat}, spec: {" + spec + "}}";
  }

  @Test
  void kindsThatPeopleDefineAreAppliedByTheirSchema() throws Exception {
    ok(
        apply(
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/boats.example.com",
            "me",
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: boats.example.com}
            spec:
              group: example.com
              scope: Namespaced
              names: {plural: boats, kind: Boat}
              versions:
              - name: v1
                served: true
                storage: true
                subresources: {status: {}}
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      spec:
                        type: object
                        properties:
                          oars: {type: integer}
                          flags: {type: array, x-kubernetes-list-type: set, items: {type: string}}
                          crew:
                            type: array
                            x-kubernetes-list-type: map
                            x-kubernetes-list-map-keys: [seat]
                            items:
                              type: object
                              required: [seat]
                              properties:
                                seat: {type: integer}
                                name: {type: string}
                                side: {type: string, default: port}
                      status: {type: object, properties: {speed: {type: integer}}}
            """));
    String path = "/apis/example.com/v1/namespaces/default/boats/boat";
    JsonNode made =
        ok(apply(path, "me", boat("oars: 4, flags: [b], crew: [{seat: 1, name: ann}]")));
    assertThat(made.path("spec").path("crew").get(0).path("side").asString()).isEqualTo("port");
    assertThat(books(made).get(0).path("fieldsV1").toString())
        .isEqualTo(
            "{\"f:spec\":{\"f:crew\":{\"k:{\\\"seat\\\":1}\":{\".\":{},\"f:name\":{},\"f:seat\":{}}},"
                + "\"f:flags\":{\"v:\\\"b\\\"\":{}},\"f:oars\":{}}}");
    JsonNode again =
        ok(apply(path, "me", boat("oars: 4, flags: [b], crew: [{seat: 1, name: ann}]")));
    assertThat(version(again)).isEqualTo(version(made));

    JsonNode both = ok(apply(path, "you", boat("flags: [a], crew: [{seat: 2, name: bob}]")));
    assertThat(both.path("spec").path("crew")).hasSize(2);
    assertThat(both.path("spec").path("flags")).hasSize(2);
    assertThat(TestPlane.json(apply(path, "you", boat("oars: 8"))).path("message").asString())
        .isEqualTo("Apply failed with 1 conflict: conflict with \"me\": .spec.oars");
    assertThat(apply(path, "you", boat("ores: 8")).body()).contains("ores");

    JsonNode less = ok(apply(path, "me", boat("oars: 4")));
    assertThat(less.path("spec").path("crew")).hasSize(1);
    assertThat(less.path("spec").path("crew").get(0).path("name").asString()).isEqualTo("bob");

    String status =
        "{apiVersion: example.com/v1, kind: Boat, metadata: {name: boat}, spec: {oars: 9},"
            + " status: {speed: 5}}";
    JsonNode moving = ok(apply(path + "/status", "st", status));
    assertThat(moving.path("status").path("speed").asInt()).isEqualTo(5);
    assertThat(moving.path("spec").path("oars").asInt()).isEqualTo(4);

    JsonNode patched = ok(write("PATCH", path, MERGE, "hand/1", "{\"spec\":{\"oars\":2}}"));
    assertThat(books(patched).get(books(patched).size() - 1).path("fieldsV1").toString())
        .isEqualTo("{\"f:spec\":{\"f:oars\":{}}}");
  }

  @Test
  void whatIsNoQuantityIsRefusedAndNotCompared() throws Exception {
    String pod =
        "{apiVersion: v1, kind: Pod, metadata: {name: q}, spec: {containers: [{name: c, image: i,"
            + " resources: {limits: {cpu: '%s'}}}]}}";
    String path = "/api/v1/namespaces/default/pods/q";
    ok(apply(path, "me", pod.formatted("1")));
    assertThat(apply(path, "you", pod.formatted("abc")).statusCode()).isIn(400, 422);
    JsonNode shared = ok(apply(path, "you", pod.formatted("1000m")));
    assertThat(books(shared)).hasSize(2);
  }

  @Test
  void aDryRunStoresNothing() throws Exception {
    HttpResponse<String> dry =
        apply(CONFIG_MAPS + "dry", "me&dryRun=All", configMap("dry", "a: '1'"));
    assertThat(dry.statusCode()).isEqualTo(201);
    assertThat(books(TestPlane.json(dry))).hasSize(1);
    assertThat(test.get(CONFIG_MAPS + "dry").statusCode()).isEqualTo(404);
  }

  @Test
  void anOldVersionIsRefused() throws Exception {
    JsonNode made = ok(apply(CONFIG_MAPS + "old", "me", configMap("old", "a: '1'")));
    ok(apply(CONFIG_MAPS + "old", "me", configMap("old", "a: '2'")));
    String stale =
        configMap("old", "a: '3'")
            .replace("name: old", "name: old, resourceVersion: '" + version(made) + "'");
    HttpResponse<String> refused = apply(CONFIG_MAPS + "old", "me", stale);
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(TestPlane.json(refused).path("message").asString())
        .contains("the object has been modified");
  }

  @Test
  void fieldsThatNobodyCouldOwnAreNamedByTheirPath() throws Exception {
    HttpResponse<String> one =
        apply(
            CONFIG_MAPS + "strays",
            "m",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: strays}, colour: red}");
    assertThat(one.statusCode()).isEqualTo(400);
    assertThat(one.body())
        .contains("(/strays; v1, Kind=ConfigMap): .colour: field not declared in schema");

    HttpResponse<String> two =
        apply(
            CONFIG_MAPS + "strays",
            "m",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: strays}, colour: red, size: 1}");
    assertThat(two.body())
        .contains("errors:\\n  .colour: field not declared in schema\\n  .size: field not");
  }

  @Test
  void aKeyGivenTwiceIsRefusedWhereThatIsAsked() throws Exception {
    String twice =
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: twice}
        data:
          a: b
          a: c
        """;
    HttpResponse<String> strict =
        write(
            "PATCH",
            CONFIG_MAPS + "twice?fieldManager=m&fieldValidation=Strict",
            APPLY,
            "test/1",
            twice);
    assertThat(strict.statusCode()).isEqualTo(400);
    assertThat(strict.body()).contains("line 6: key \\\"a\\\" already set in map");
  }
}
